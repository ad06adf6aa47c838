// libFuzzer target for urlencoded and multipart bodies: clang++ -fsanitize=fuzzer,address,undefined.
//
// The first line is the Content-Type, the rest the body. Whatever is accepted is text within the limits; an urlencoded
// form comes back equal when it is written again.
#include "http/client_address.hpp"
#include "http/form.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

namespace http = smsauth::http;

constexpr std::size_t max_fields = 64;

void require(bool holds) {
  if (!holds) std::abort();
}

void check(const http::form_fields& fields) {
  require(fields.size() <= max_fields);
  for (const auto& [name, value] : fields) {
    for (const std::string_view text : {std::string_view(name), std::string_view(value)}) {
      require(http::is_utf8(text));
      require(text.find('\0') == std::string_view::npos);
    }
  }
}

void append_encoded(std::string& out, std::string_view text) {
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    out += '%';
    out += "0123456789ABCDEF"[octet / 16];
    out += "0123456789ABCDEF"[octet % 16];
  }
}

std::string encoded(const http::form_fields& fields) {
  std::string out;
  for (const auto& [name, value] : fields) {
    append_encoded(out, name);
    out += '=';
    append_encoded(out, value);
    out += '&';
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto line_end = input.find('\n');
  const std::string_view content_type = input.substr(0, line_end);
  const std::string_view body = line_end == std::string_view::npos ? std::string_view() : input.substr(line_end + 1);

  if (const auto fields = http::parse_multipart(body, content_type, max_fields)) {
    require(http::media_type(content_type) == "multipart/form-data");
    check(*fields);
  }
  if (const auto fields = http::parse_urlencoded(body, max_fields)) {
    check(*fields);
    const auto again = http::parse_urlencoded(encoded(*fields), max_fields);
    require(again.has_value() && *again == *fields);
  }
  if (const auto decoded = http::percent_decoded(body)) require(decoded->size() <= body.size());
  require(http::charset(content_type).size() <= content_type.size() + std::string_view("invalid").size());

  // Nobody but a proxy is believed, whatever the list says.
  const std::array forwarded{content_type, body};
  const auto peer = boost::asio::ip::make_address("192.0.2.1");
  require(http::resolve_client(peer, forwarded, http::trusted_proxies()) == peer);
  return 0;
}
