#include "sms/smpp/receipt_text.hpp"

#include "sms/vector_file.hpp"

#include <doctest/doctest.h>

using namespace smsauth;
using namespace smsauth::sms::smpp;
using sms::delivery_state;

namespace {

short_message receipt_with(std::string text, std::vector<tlv> options = {}) {
  short_message body;
  body.source = {1, 1, "8613800138000"};
  body.esm_class = 0x04;
  body.content = std::move(text);
  body.options = std::move(options);
  return body;
}

delivery_state state_said(const std::string& word) {
  return read_receipt(receipt_with("id:1 stat:" + word), receipt_id::opaque)->state;
}

delivery_state state_numbered(char number) {
  const tlv state{tag::message_state, std::string(1, number)};
  return read_receipt(receipt_with("id:1 stat:DELIVRD", {state}), receipt_id::opaque)->state;
}

}  // namespace

TEST_CASE("smpp receipt text: every vector") {
  for (const auto& vector : test::vectors_of("smpp", "smpp34-receipt-text")) {
    const auto& texts = vector.at("inputs").at("texts").as_array();
    const auto& results = vector.at("expected").at("results").as_array();
    REQUIRE(texts.size() == results.size());
    for (std::size_t i = 0; i < texts.size(); ++i) {
      CAPTURE(i);
      const std::string text = test::text_of(texts[i]);
      const receipt_fields fields = read_receipt_text(text);
      const auto& expected = results[i].as_object();
      CHECK(fields.id == test::text_of(expected.at("id")));
      CHECK(fields.sub == test::text_of(expected.at("sub")));
      CHECK(fields.dlvrd == test::text_of(expected.at("dlvrd")));
      CHECK(fields.submit_date == test::text_of(expected.at("submit_date")));
      CHECK(fields.done_date == test::text_of(expected.at("done_date")));
      CHECK(fields.stat == test::text_of(expected.at("stat")));
      CHECK(fields.err == test::text_of(expected.at("err")));
      CHECK(fields.text == test::text_of(expected.at("text")));
    }
  }
}

TEST_CASE("smpp receipt text: the deliver_sm of the vectors is a receipt") {
  for (const auto& vector : test::vectors_of("smpp", "smpp34-pdu")) {
    if (vector.at("id").as_string() != "smpp-deliver-receipt-tlv") continue;
    const std::string hex = test::text_of(vector.at("expected").at("hex"));
    std::string octets;
    for (std::size_t i = 0; i < hex.size(); i += 2)
      octets += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
    const auto told = read_receipt(std::get<short_message>(decode(octets).value().body), receipt_id::opaque);
    REQUIRE(told);
    CHECK(told->provider_id == "MSG0001");
    CHECK(told->state == delivery_state::delivered);
    CHECK(told->to == "+8613800138000");
    CHECK(told->error_code.empty());
    CHECK(told->at == 0);
    return;
  }
  FAIL("the vector is gone");
}

TEST_CASE("smpp receipt text: keys in any case and order, first come first served, none within the text") {
  const receipt_fields fields = read_receipt_text("STAT:UNDELIV  Err:012\r\nId:77 id:88 text:id:99 stat:DELIVRD");
  CHECK(fields.id == "77");
  CHECK(fields.stat == "UNDELIV");
  CHECK(fields.err == "012");
  CHECK(fields.text == "id:99 stat:DELIVRD");
  CHECK(fields.sub.empty());
  CHECK(read_receipt_text("text:id:99 stat:DELIVRD").id.empty());
  CHECK(read_receipt_text("stat: stat:DELIVRD").stat.empty());
  CHECK(read_receipt_text("grid:5 id:6").id == "6");
  CHECK(read_receipt_text("").id.empty());
  CHECK(read_receipt_text("id:").id.empty());
  CHECK(read_receipt_text("   id:5").id == "5");
}

TEST_CASE("smpp receipt: the states by word and by number") {
  CHECK(state_said("DELIVRD") == delivery_state::delivered);
  CHECK(state_said("delivrd") == delivery_state::delivered);
  CHECK(state_said("ENROUTE") == delivery_state::intermediate);
  CHECK(state_said("ACCEPTD") == delivery_state::intermediate);
  CHECK(state_said("EXPIRED") == delivery_state::expired);
  CHECK(state_said("DELETED") == delivery_state::failed);
  CHECK(state_said("UNDELIV") == delivery_state::failed);
  CHECK(state_said("REJECTD") == delivery_state::failed);
  CHECK(state_said("UNKNOWN") == delivery_state::unknown);
  CHECK(state_said("DELIVR") == delivery_state::unknown);
  const delivery_state by_number[] = {
      delivery_state::unknown, delivery_state::intermediate, delivery_state::delivered,    delivery_state::expired,
      delivery_state::failed,  delivery_state::failed,       delivery_state::intermediate, delivery_state::unknown,
      delivery_state::failed,  delivery_state::unknown};
  for (int number = 0; number < 10; ++number) {
    CAPTURE(number);
    CHECK(state_numbered(static_cast<char>(number)) == by_number[number]);
  }
}

TEST_CASE("smpp receipt: a user's message is none, whatever it says") {
  short_message body = receipt_with("id:1 stat:DELIVRD");
  for (const int type : {0x00, 0x08, 0x10, 0x18, 0x40}) {
    CAPTURE(type);
    body.esm_class = static_cast<std::uint8_t>(type);
    CHECK(!read_receipt(body, receipt_id::opaque));
  }
  body.esm_class = 0x04 | 0x43;  // other bits say other things
  CHECK(read_receipt(body, receipt_id::opaque));
}

TEST_CASE("smpp receipt: an intermediate one never ends a message") {
  short_message body = receipt_with("id:1 stat:UNDELIV err:5");
  body.esm_class = 0x20;
  CHECK(read_receipt(body, receipt_id::opaque)->state == delivery_state::intermediate);
}

TEST_CASE("smpp receipt: without an id, or with one too long, it is about nothing") {
  CHECK(!read_receipt(receipt_with("stat:DELIVRD"), receipt_id::opaque));
  CHECK(!read_receipt(receipt_with(""), receipt_id::opaque));
  CHECK(!read_receipt(receipt_with("id:" + std::string(65, '1')), receipt_id::opaque));
  CHECK(read_receipt(receipt_with("id:" + std::string(64, '1')), receipt_id::opaque));
}

TEST_CASE("smpp receipt: optional parameters count before the text, and the text may be one") {
  const tlv id{tag::receipted_message_id, std::string("TLV\0", 4)};
  const tlv bare_id{tag::receipted_message_id, "BARE"};
  const tlv payload{tag::message_payload, "id:LONG stat:REJECTD err:00B"};
  const tlv network{tag::network_error_code, std::string("\x03\x01\x02", 3)};
  CHECK(read_receipt(receipt_with("id:TEXT stat:DELIVRD", {id}), receipt_id::opaque)->provider_id == "TLV");
  CHECK(read_receipt(receipt_with("", {bare_id}), receipt_id::opaque)->provider_id == "BARE");
  const auto told = read_receipt(receipt_with("", {payload}), receipt_id::opaque);
  REQUIRE(told);
  CHECK(told->provider_id == "LONG");
  CHECK(told->state == delivery_state::failed);
  CHECK(told->error_code == "00B");
  CHECK(read_receipt(receipt_with("", {payload, network}), receipt_id::opaque)->error_code == "258");
}

TEST_CASE("smpp receipt: an error code is short and printable") {
  const auto code = [](const std::string& err) {
    return read_receipt(receipt_with("id:1 stat:UNDELIV err:" + err), receipt_id::opaque)->error_code;
  };
  CHECK(code(std::string(40, '7')) == std::string(32, '7'));
  CHECK(code("a\x01") == "");
  CHECK(code("\xff") == "");
}

TEST_CASE("smpp receipt: a sender that is not an international number is not told") {
  short_message body = receipt_with("id:1 stat:DELIVRD");
  body.source = {0, 1, "13800138000"};
  CHECK(read_receipt(body, receipt_id::opaque)->to.empty());
  body.source = {1, 1, "86x"};
  CHECK(read_receipt(body, receipt_id::opaque)->to.empty());
}

TEST_CASE("smpp receipt: ids that are one number in two bases meet") {
  CHECK(submitted_id("00A1b2C3", receipt_id::decimal) == receipted_id("10597059", receipt_id::decimal));
  CHECK(submitted_id("10597059", receipt_id::hex) == receipted_id("a1b2c3", receipt_id::hex));
  CHECK(submitted_id("00A1b2C3", receipt_id::opaque) == "00A1b2C3");
  CHECK(receipted_id("00A1b2C3", receipt_id::opaque) == "00A1b2C3");
  CHECK(submitted_id("ffffffffffffffff", receipt_id::decimal) == "18446744073709551615");
  CHECK(submitted_id("a\xff\nb", receipt_id::opaque) == "a??b");
  CHECK(receipted_id("a\xff\nb", receipt_id::hex) == "a??b");
  // Not numbers of 64 bits: as they are.
  CHECK(submitted_id("1ffffffffffffffff", receipt_id::decimal) == "1ffffffffffffffff");
  CHECK(submitted_id("MSG0001", receipt_id::decimal) == "MSG0001");
  CHECK(submitted_id("-5", receipt_id::hex) == "-5");
  CHECK(submitted_id("", receipt_id::hex) == "");
}
