#include "sms/smpp/pdu.hpp"

#include "sms/vector_file.hpp"

#include <doctest/doctest.h>

#include <random>
#include <stdexcept>

using namespace smsauth;
using namespace smsauth::sms::smpp;

namespace {

std::string octets_of(std::string_view hex) {
  std::string out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    out += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  return out;
}

/// Reads the fields of a vector; what a vector does not name has its default.
class vector_fields {
 public:
  explicit vector_fields(const boost::json::object& fields) : fields_(fields) {}
  std::string text(std::string_view name) const {
    const auto* const value = fields_.if_contains(name);
    return value == nullptr ? std::string() : test::text_of(*value);
  }
  std::uint32_t number(std::string_view name) const {
    const auto* const value = fields_.if_contains(name);
    return value == nullptr ? 0 : value->to_number<std::uint32_t>();
  }
  std::uint8_t octet(std::string_view name) const { return static_cast<std::uint8_t>(number(name)); }
  void option(std::vector<tlv>& out, std::string_view name, std::uint16_t tag) const {
    const auto* const value = fields_.if_contains(name);
    if (value == nullptr) return;
    if (value->is_string())
      out.push_back({tag, test::text_of(*value) + '\0'});
    else
      out.push_back({tag, std::string(1, static_cast<char>(octet(name)))});
  }

 private:
  const boost::json::object& fields_;
};

short_message short_message_of(const vector_fields& f) {
  short_message body;
  body.service_type = f.text("service_type");
  body.source = {f.octet("source_addr_ton"), f.octet("source_addr_npi"), f.text("source_addr")};
  body.destination = {f.octet("dest_addr_ton"), f.octet("dest_addr_npi"), f.text("destination_addr")};
  body.esm_class = f.octet("esm_class");
  body.protocol_id = f.octet("protocol_id");
  body.priority = f.octet("priority_flag");
  body.schedule_delivery_time = f.text("schedule_delivery_time");
  body.validity_period = f.text("validity_period");
  body.registered_delivery = f.octet("registered_delivery");
  body.replace_if_present = f.octet("replace_if_present_flag");
  body.data_coding = f.octet("data_coding");
  body.default_message_id = f.octet("sm_default_msg_id");
  body.content = f.text("short_message");
  f.option(body.options, "receipted_message_id", tag::receipted_message_id);
  f.option(body.options, "message_state", tag::message_state);
  return body;
}

pdu_body body_of(const std::string& command_name, const vector_fields& f) {
  if (command_name == "bind_transceiver") {
    const address range{f.octet("addr_ton"), f.octet("addr_npi"), f.text("address_range")};
    return bind_request{f.text("system_id"), f.text("password"), f.text("system_type"), f.octet("interface_version"),
                        range};
  }
  if (command_name == "bind_transceiver_resp") {
    bind_reply body{f.text("system_id"), {}};
    f.option(body.options, "sc_interface_version", tag::sc_interface_version);
    return body;
  }
  if (command_name == "submit_sm" || command_name == "deliver_sm") return short_message_of(f);
  if (command_name == "submit_sm_resp" || command_name == "deliver_sm_resp")
    return message_reply{f.text("message_id"), {}};
  return {};
}

pdu pdu_of(const boost::json::object& vector) {
  const vector_fields f(vector.at("inputs").at("fields").as_object());
  pdu value;
  value.id = static_cast<std::uint32_t>(std::stoul(test::text_of(vector.at("expected").at("command_id")), nullptr, 16));
  value.status = f.number("command_status");
  value.sequence = f.number("sequence_number");
  value.body = body_of(test::text_of(vector.at("inputs").at("command")), f);
  return value;
}

short_message sample() {
  short_message body;
  body.source = {5, 0, "Example"};
  body.destination = {1, 1, "8613800138000"};
  body.esm_class = 0x40;
  body.validity_period = "000000000500000R";
  body.registered_delivery = 1;
  body.data_coding = 8;
  body.content = std::string("\x05\x00\x03\x07\x02\x01\x9a\x8c", 8);
  body.options.push_back({tag::message_payload, std::string(300, 'x')});
  return body;
}

}  // namespace

TEST_CASE("smpp pdu: every vector, written and read") {
  for (const auto& vector : test::vectors_of("smpp", "smpp34-pdu")) {
    CAPTURE(test::text_of(vector.at("id")));
    const pdu value = pdu_of(vector);
    const std::string octets = octets_of(test::text_of(vector.at("expected").at("hex")));
    CHECK(encode(value) == octets);
    CHECK(octets.size() == vector.at("expected").at("command_length").to_number<std::size_t>());
    CHECK(frame_of(octets) == frame_state::whole);
    const auto read = decode(octets);
    REQUIRE(read);
    CHECK(*read == value);
  }
}

TEST_CASE("smpp pdu: a message with header, validity and optional parameter comes back") {
  const pdu value = make_pdu(command::submit_sm, largest_sequence, sample());
  const auto read = decode(encode(value));
  REQUIRE(read);
  CHECK(*read == value);
  CHECK(find(std::get<short_message>(read->body).options, tag::message_payload)->size() == 300);
  CHECK(!find(std::get<short_message>(read->body).options, tag::message_state));
}

TEST_CASE("smpp pdu: a response with a header only is read, a request that lacks its body is not") {
  const auto refused = decode(octets_of("00000010800000040000005800000003"));
  REQUIRE(refused);
  CHECK(refused->status == 0x58);
  CHECK(refused->is(command::submit_sm_resp));
  CHECK(std::holds_alternative<std::monostate>(refused->body));
  CHECK(!decode(octets_of("00000010000000050000000000000003")));
}

TEST_CASE("smpp pdu: octets behind the last field are refused") {
  CHECK(decode(octets_of("0000002400000009000000000000000165736d6531007365637265743038000034000000")));
  CHECK(!decode(octets_of("0000002500000009000000000000000165736d653100736563726574303800003400000000")));
}

TEST_CASE("smpp pdu: an unknown command is read as its header") {
  const auto read = decode(octets_of("000000120000010300000000000000094142"));
  REQUIRE(read);
  CHECK(read->id == 0x103);
  CHECK(read->sequence == 9);
  CHECK(!read->is_response());
}

TEST_CASE("smpp pdu: frames come in pieces, and impossible lengths are refused at their fourth octet") {
  const std::string octets = encode(make_pdu(command::enquire_link, 2));
  for (std::size_t size = 0; size < octets.size(); ++size) {
    CAPTURE(size);
    CHECK(frame_of(std::string_view(octets).substr(0, size)) == frame_state::incomplete);
  }
  CHECK(frame_of(octets + octets) == frame_state::whole);
  CHECK(frame_of(octets_of("0000000f")) == frame_state::bad_length);
  CHECK(frame_of(octets_of("00000000")) == frame_state::bad_length);
  CHECK(frame_of(octets_of("00010000")) == frame_state::incomplete);
  CHECK(frame_of(octets_of("00010001")) == frame_state::bad_length);
  CHECK(frame_of(octets_of("ffffffff")) == frame_state::bad_length);
}

TEST_CASE("smpp pdu: a PDU cut anywhere is refused, unless the cut lies between optional parameters") {
  const std::string whole = encode(make_pdu(command::submit_sm, 7, sample()));
  const std::size_t payload_octets = 4 + 300;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    std::string cut = whole.substr(0, size);
    CHECK(!decode(cut));  // its length does not fit
    if (size < header_octets) continue;
    cut[2] = static_cast<char>(size >> 8);
    cut[3] = static_cast<char>(size & 0xFF);
    CHECK(decode(cut).has_value() == (size == whole.size() - payload_octets));
  }
}

TEST_CASE("smpp pdu: a string without an end, or longer than its room, is refused") {
  const auto reply = [](const std::string& body) {
    std::string octets = octets_of("00000000800000040000000000000001") + body;
    octets[3] = static_cast<char>(octets.size());
    return decode(octets);
  };
  CHECK(reply(std::string(64, 'a') + '\0'));
  CHECK(!reply(std::string(64, 'a')));
  CHECK(!reply(std::string(65, 'a') + '\0'));
  CHECK(!reply(std::string("a\0\x00\x1e\x00", 5)));
  CHECK(
      !reply(std::string("a\0\x00\x1e\x00\x05"
                         "abcd",
                         10)));
  CHECK(
      reply(std::string("a\0\x00\x1e\x00\x04"
                        "abcd",
                        10)));
}

TEST_CASE("smpp pdu: what does not fit is not written") {
  const auto with = [](auto change) {
    short_message body = sample();
    change(body);
    return make_pdu(command::submit_sm, 1, body);
  };
  CHECK_THROWS_AS(encode(with([](short_message& m) { m.content = std::string(255, 'a'); })), std::invalid_argument);
  CHECK_NOTHROW(encode(with([](short_message& m) { m.content = std::string(254, 'a'); })));
  CHECK_THROWS_AS(encode(with([](short_message& m) { m.destination.text = std::string(21, '1'); })),
                  std::invalid_argument);
  CHECK_THROWS_AS(encode(with([](short_message& m) { m.source.text = std::string("a\0b", 3); })),
                  std::invalid_argument);
  CHECK_THROWS_AS(encode(with([](short_message& m) { m.options[0].value = std::string(0x10000, 'a'); })),
                  std::invalid_argument);
}

TEST_CASE("smpp pdu: garbage is refused or read, and what is read can be written as the same value") {
  std::mt19937 random(20240506);  // NOLINT(cert-msc51-cpp): the same octets in every run
  const std::string seeds[] = {encode(make_pdu(command::submit_sm, 7, sample())),
                               octets_of("0000001a800000090000000000000001534d5343000210000134"),
                               octets_of("000000188000000400000000000000034d53473030303100")};
  std::size_t read_again = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string octets = seeds[random() % std::size(seeds)];
    for (auto changes = 1 + random() % 4; changes > 0; --changes)
      octets[4 + random() % (octets.size() - 4)] = static_cast<char>(random());
    const auto value = decode(octets);
    if (!value || std::holds_alternative<std::monostate>(value->body)) continue;
    const auto again = decode(encode(*value));
    REQUIRE(again);
    CHECK(*again == *value);
    ++read_again;
  }
  CHECK(read_again > 1'000);
}
