// libFuzzer target for what an SMSC sends: the input is a stream of PDUs. What is read can be written, and is then the
// same value; a receipt keeps to what its fields promise.
#include "require.hpp"
#include "sms/smpp/pdu.hpp"
#include "sms/smpp/receipt_text.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace {

using namespace smsauth::sms;
using namespace smsauth::sms::smpp;
using smsauth::test::require;

constexpr std::size_t longest_id = 64;
constexpr std::size_t longest_error_code = 32;
constexpr std::size_t longest_number = 16;  // with its "+"

bool printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

void check_receipt(const short_message& what) {
  for (const receipt_id form : {receipt_id::opaque, receipt_id::hex, receipt_id::decimal}) {
    const auto told = read_receipt(what, form);
    if (!told) continue;
    require((what.esm_class & 0x3C) == 0x04 || (what.esm_class & 0x3C) == 0x20);
    require(!told->provider_id.empty() && told->provider_id.size() <= longest_id && printable(told->provider_id));
    require(told->error_code.size() <= longest_error_code && printable(told->error_code));
    require(told->state != delivery_state::delivered || told->error_code.empty());
    require((what.esm_class & 0x3C) == 0x04 || !is_final(told->state));
    require(told->to.size() <= longest_number && (told->to.empty() || told->to.front() == '+'));
  }
}

void check_pdu(std::string_view octets) {
  const auto value = decode(octets);
  if (!value) return;
  const auto header = read_header(octets);
  require(header && header->id == value->id && header->sequence == value->sequence && header->status == value->status);
  if (!std::holds_alternative<std::monostate>(value->body)) require(encode(*value) == octets);
  if (const auto* const body = std::get_if<short_message>(&value->body)) check_receipt(*body);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view stream(reinterpret_cast<const char*>(data), size);
  while (frame_of(stream) == frame_state::whole) {
    const std::size_t length = read_header(stream)->length;
    require(length >= header_octets && length <= max_pdu_octets && length <= stream.size());
    check_pdu(stream.substr(0, length));
    stream.remove_prefix(length);
  }
  // The same octets as a receipt's text and as an id.
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const receipt_fields fields = read_receipt_text(text);
  require(fields.id.find(' ') == std::string_view::npos && fields.stat.find(' ') == std::string_view::npos);
  require(printable(submitted_id(text, receipt_id::decimal)) && printable(receipted_id(text, receipt_id::opaque)));
  return 0;
}
