#include "sms/smpp/receipt_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace smsauth::sms::smpp {

namespace {

// esm_class of a deliver_sm (SMPP 3.4, 5.2.12).
constexpr std::uint8_t message_type_mask = 0x3C;
constexpr std::uint8_t type_receipt = 0x04;
constexpr std::uint8_t type_intermediate = 0x20;
constexpr std::uint8_t ton_international = 1;

constexpr std::size_t error_code_octets = 32;  ///< as sms::receipt has room for
constexpr std::size_t largest_number = 15;     ///< digits of E.164

constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_word(std::string_view a, std::string_view b) noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

bool is_space(char c) noexcept {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool all_digits(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

using field = std::string_view receipt_fields::*;
constexpr std::array<std::pair<std::string_view, field>, 8> keys{{{"id:", &receipt_fields::id},
                                                                  {"sub:", &receipt_fields::sub},
                                                                  {"dlvrd:", &receipt_fields::dlvrd},
                                                                  {"submit date:", &receipt_fields::submit_date},
                                                                  {"done date:", &receipt_fields::done_date},
                                                                  {"stat:", &receipt_fields::stat},
                                                                  {"err:", &receipt_fields::err},
                                                                  {"text:", &receipt_fields::text}}};

/// The states of message_state (SMPP 3.4, 5.2.28) and the words for them in a text.
constexpr std::array<std::pair<std::string_view, std::uint8_t>, 8> state_words{{{"ENROUTE", 1},
                                                                                {"DELIVRD", 2},
                                                                                {"EXPIRED", 3},
                                                                                {"DELETED", 4},
                                                                                {"UNDELIV", 5},
                                                                                {"ACCEPTD", 6},
                                                                                {"UNKNOWN", 7},
                                                                                {"REJECTD", 8}}};

delivery_state state_of(std::uint8_t number) noexcept {
  switch (number) {
    case 1:
    case 6:
      return delivery_state::intermediate;
    case 2:
      return delivery_state::delivered;
    case 3:
      return delivery_state::expired;
    case 4:
    case 5:
    case 8:
      return delivery_state::failed;
    default:
      return delivery_state::unknown;
  }
}

delivery_state state_of(std::string_view word) noexcept {
  for (const auto& [name, number] : state_words) {
    if (same_word(name, word)) return state_of(number);
  }
  return delivery_state::unknown;
}

std::string_view without_nul(std::string_view value) noexcept {
  return value.substr(0, value.find('\0'));
}

/// Ids go to databases and logs, which do not take every octet.
std::string printable_id(std::string_view id) {
  std::string out(id);
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return out;
}

std::string decimal_of(std::string_view id, int base) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), number, base);
  if (error != std::errc() || end != id.data() + id.size()) return printable_id(id);
  return std::to_string(number);
}

/// The 16 bits of network_error_code in decimal, else the text's code.
std::string error_code_of(const short_message& what, std::string_view err) {
  const auto network = find(what.options, tag::network_error_code);
  if (network && network->size() == 3) {
    const unsigned high = static_cast<unsigned char>((*network)[1]);
    const unsigned low = static_cast<unsigned char>((*network)[2]);
    return std::to_string(high << 8 | low);
  }
  const bool printable = std::all_of(err.begin(), err.end(), [](char c) { return c > ' ' && c <= '~'; });
  return printable ? std::string(err.substr(0, error_code_octets)) : std::string();
}

}  // namespace

receipt_fields read_receipt_text(std::string_view text) noexcept {
  receipt_fields fields;
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view rest = text.substr(at);
    const auto* const key = std::find_if(keys.begin(), keys.end(), [&](const auto& each) {
      return rest.size() >= each.first.size() && same_word(rest.substr(0, each.first.size()), each.first);
    });
    std::size_t length = 0;
    if (key != keys.end()) {
      const std::string_view behind = rest.substr(key->first.size());
      const bool last = key->first == keys.back().first;
      const auto* const end = std::find_if(behind.begin(), behind.end(), is_space);
      const auto value = last ? behind : behind.substr(0, static_cast<std::size_t>(end - behind.begin()));
      if ((fields.*(key->second)).data() == nullptr) fields.*(key->second) = value;
      if (last) return fields;
      length = key->first.size() + value.size();
    }
    // On to the next word.
    at += length;
    while (at < text.size() && !is_space(text[at]))
      ++at;
    while (at < text.size() && is_space(text[at]))
      ++at;
  }
  return fields;
}

std::string submitted_id(std::string_view id, receipt_id form) {
  if (form == receipt_id::opaque) return printable_id(id);
  return decimal_of(id, form == receipt_id::hex ? 10 : 16);
}

std::string receipted_id(std::string_view id, receipt_id form) {
  if (form == receipt_id::opaque) return printable_id(id);
  return decimal_of(id, form == receipt_id::hex ? 16 : 10);
}

std::optional<receipt> read_receipt(const short_message& what, receipt_id form) {
  const int type = what.esm_class & message_type_mask;
  if (type != type_receipt && type != type_intermediate) return std::nullopt;
  std::string_view text = what.content;
  if (text.empty()) text = find(what.options, tag::message_payload).value_or(text);
  const receipt_fields fields = read_receipt_text(text);

  std::string_view id = without_nul(find(what.options, tag::receipted_message_id).value_or(std::string_view()));
  if (id.empty()) id = fields.id;
  constexpr std::size_t longest_id = 64;
  if (id.empty() || id.size() > longest_id) return std::nullopt;

  receipt told;
  told.provider_id = receipted_id(id, form);
  const auto state = find(what.options, tag::message_state);
  told.state =
      state && state->size() == 1 ? state_of(static_cast<std::uint8_t>(state->front())) : state_of(fields.stat);
  // "Not the last word", says its type.
  if (type == type_intermediate && is_final(told.state)) told.state = delivery_state::intermediate;
  if (told.state != delivery_state::delivered) told.error_code = error_code_of(what, fields.err);
  if (what.source.ton == ton_international && all_digits(what.source.text) && what.source.text.size() <= largest_number)
    told.to = '+' + what.source.text;
  return told;
}

}  // namespace smsauth::sms::smpp
