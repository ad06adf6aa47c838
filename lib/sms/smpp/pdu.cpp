#include "sms/smpp/pdu.hpp"

#include <stdexcept>
#include <type_traits>

namespace smsauth::sms::smpp {

namespace {

// Room for each C-octet string, its NUL included (SMPP 3.4, chapter 4 and 5.2).
constexpr std::size_t system_id_room = 16;
constexpr std::size_t password_room = 9;
constexpr std::size_t system_type_room = 13;
constexpr std::size_t address_range_room = 41;
constexpr std::size_t service_type_room = 6;
constexpr std::size_t address_room = 21;
constexpr std::size_t time_room = 17;
constexpr std::size_t message_id_room = 65;
constexpr std::size_t content_room = 254;
constexpr std::size_t tlv_value_room = 0xFFFF;

class writer {
 public:
  void u8(std::uint8_t value) { out_ += static_cast<char>(value); }
  void u16(std::size_t value) {
    u8(static_cast<std::uint8_t>(value >> 8 & 0xFF));
    u8(static_cast<std::uint8_t>(value & 0xFF));
  }
  void u32(std::size_t value) {
    u16(value >> 16 & 0xFFFF);
    u16(value & 0xFFFF);
  }
  void c_string(const std::string& text, std::size_t room) {
    if (text.size() >= room || text.find('\0') != std::string::npos)
      throw std::invalid_argument("SMPP: a field is too long or holds a NUL");
    out_.append(text).append(1, '\0');
  }
  void octets(const std::string& value, std::size_t room) {
    if (value.size() > room) throw std::invalid_argument("SMPP: a field is too long");
    out_ += value;
  }
  void number(const address& a, std::size_t room = address_room) {
    u8(a.ton);
    u8(a.npi);
    c_string(a.text, room);
  }
  void options(const std::vector<tlv>& all) {
    for (const tlv& one : all) {
      u16(one.tag);
      u16(one.value.size());
      octets(one.value, tlv_value_room);
    }
  }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

void write(writer&, const std::monostate&) {}

void write(writer& out, const bind_request& body) {
  out.c_string(body.system_id, system_id_room);
  out.c_string(body.password, password_room);
  out.c_string(body.system_type, system_type_room);
  out.u8(body.interface_version);
  out.number(body.range, address_range_room);
}

void write(writer& out, const bind_reply& body) {
  out.c_string(body.system_id, system_id_room);
  out.options(body.options);
}

void write(writer& out, const short_message& body) {
  out.c_string(body.service_type, service_type_room);
  out.number(body.source);
  out.number(body.destination);
  out.u8(body.esm_class);
  out.u8(body.protocol_id);
  out.u8(body.priority);
  out.c_string(body.schedule_delivery_time, time_room);
  out.c_string(body.validity_period, time_room);
  out.u8(body.registered_delivery);
  out.u8(body.replace_if_present);
  out.u8(body.data_coding);
  out.u8(body.default_message_id);
  if (body.content.size() > content_room) throw std::invalid_argument("SMPP: a field is too long");
  out.u8(static_cast<std::uint8_t>(body.content.size()));
  out.octets(body.content, content_room);
  out.options(body.options);
}

void write(writer& out, const message_reply& body) {
  out.c_string(body.message_id, message_id_room);
  out.options(body.options);
}

/// Reads from the front; after the first thing that is not there, everything is empty and good() is false.
class reader {
 public:
  explicit reader(std::string_view octets) noexcept : rest_(octets) {}

  bool good() const noexcept { return good_; }
  bool at_end() const noexcept { return rest_.empty(); }

  std::string_view octets(std::size_t count) noexcept {
    if (!good_ || rest_.size() < count) {
      good_ = false;
      return {};
    }
    const std::string_view value = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return value;
  }
  std::uint32_t number(std::size_t count) noexcept {
    std::uint32_t value = 0;
    for (const char c : octets(count))
      value = value << 8 | static_cast<unsigned char>(c);
    return value;
  }
  std::uint8_t u8() noexcept { return static_cast<std::uint8_t>(number(1)); }
  std::string c_string(std::size_t room) {
    const std::size_t end = rest_.substr(0, room).find('\0');
    if (end == std::string_view::npos) good_ = false;
    const std::string_view value = octets(good_ ? end + 1 : 0);
    return std::string(value.substr(0, value.empty() ? 0 : end));
  }
  address long_address(std::size_t room = address_room) {
    address value;
    value.ton = u8();
    value.npi = u8();
    value.text = c_string(room);
    return value;
  }
  std::vector<tlv> options() {
    std::vector<tlv> all;
    while (good_ && !at_end()) {
      const auto tag = static_cast<std::uint16_t>(number(2));
      const std::size_t length = number(2);
      const std::string_view value = octets(length);
      if (good_) all.push_back({tag, std::string(value)});
    }
    return all;
  }

 private:
  std::string_view rest_;
  bool good_ = true;
};

bind_request read_bind_request(reader& in) {
  bind_request body;
  body.system_id = in.c_string(system_id_room);
  body.password = in.c_string(password_room);
  body.system_type = in.c_string(system_type_room);
  body.interface_version = in.u8();
  body.range = in.long_address(address_range_room);
  return body;
}

bind_reply read_bind_reply(reader& in) {
  bind_reply body;
  body.system_id = in.c_string(system_id_room);
  body.options = in.options();
  return body;
}

short_message read_short_message(reader& in) {
  short_message body;
  body.service_type = in.c_string(service_type_room);
  body.source = in.long_address();
  body.destination = in.long_address();
  body.esm_class = in.u8();
  body.protocol_id = in.u8();
  body.priority = in.u8();
  body.schedule_delivery_time = in.c_string(time_room);
  body.validity_period = in.c_string(time_room);
  body.registered_delivery = in.u8();
  body.replace_if_present = in.u8();
  body.data_coding = in.u8();
  body.default_message_id = in.u8();
  const std::size_t length = in.u8();
  body.content = std::string(in.octets(length));
  body.options = in.options();
  return body;
}

message_reply read_message_reply(reader& in) {
  message_reply body;
  body.message_id = in.c_string(message_id_room);
  body.options = in.options();
  return body;
}

pdu_body read_body(std::uint32_t id, reader& in) {
  switch (static_cast<command>(id)) {
    case command::bind_transceiver:
      return read_bind_request(in);
    case command::bind_transceiver_resp:
      return read_bind_reply(in);
    case command::submit_sm:
    case command::deliver_sm:
      return read_short_message(in);
    case command::submit_sm_resp:
    case command::deliver_sm_resp:
      return read_message_reply(in);
    default:
      return {};  // header only; octets behind it, or the body of an unknown command, say nothing to us
  }
}

}  // namespace

std::optional<std::string_view> find(const std::vector<tlv>& all, std::uint16_t tag) noexcept {
  for (const tlv& one : all) {
    if (one.tag == tag) return one.value;
  }
  return std::nullopt;
}

std::string encode(const pdu& what) {
  writer body;
  std::visit([&](const auto& value) { write(body, value); }, what.body);
  const std::string octets = body.take();
  if (octets.size() > max_pdu_octets - header_octets) throw std::invalid_argument("SMPP: a PDU is too long");
  writer out;
  out.u32(header_octets + octets.size());
  out.u32(what.id);
  out.u32(what.status);
  out.u32(what.sequence);
  return out.take() + octets;
}

std::optional<pdu_header> read_header(std::string_view octets) noexcept {
  reader in(octets);
  pdu_header header;
  header.length = in.number(4);
  header.id = in.number(4);
  header.status = in.number(4);
  header.sequence = in.number(4);
  return in.good() ? std::optional(header) : std::nullopt;
}

frame_state frame_of(std::string_view received) noexcept {
  reader in(received);
  const std::size_t length = in.number(4);
  if (!in.good()) return frame_state::incomplete;
  if (length < header_octets || length > max_pdu_octets) return frame_state::bad_length;
  return received.size() < length ? frame_state::incomplete : frame_state::whole;
}

std::optional<pdu> decode(std::string_view octets) {
  const auto header = read_header(octets);
  if (!header || header->length != octets.size() || octets.size() > max_pdu_octets) return std::nullopt;
  pdu value{header->id, header->status, header->sequence, {}};
  reader in(octets.substr(header_octets));
  if (in.at_end() && value.is_response()) return value;
  value.body = read_body(value.id, in);
  const bool read = !std::holds_alternative<std::monostate>(value.body);
  if (!in.good() || (read && !in.at_end())) return std::nullopt;
  return value;
}

}  // namespace smsauth::sms::smpp
