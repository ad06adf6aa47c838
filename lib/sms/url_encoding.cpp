#include "sms/url_encoding.hpp"

#include "crypto/hex.hpp"

namespace smsauth::sms {

namespace {

bool unreserved(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
         c == '.' || c == '~';
}

template <class Fields>
std::string encoded(const Fields& fields) {
  std::string text;
  for (const auto& [name, value] : fields) {
    if (!text.empty()) text += '&';
    text.append(percent_encode(name)).append(1, '=').append(percent_encode(value));
  }
  return text;
}

std::optional<std::string> decoded(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    char c = text[at];
    if (c == '+') {
      c = ' ';
    } else if (c == '%') {
      const auto byte = crypto::from_hex(text.substr(at + 1, 2), crypto::hex_letters::any);
      if (!byte || byte->size() != 1) return std::nullopt;
      c = byte->front();
      at += 2;
    }
    if (c == '\0') return std::nullopt;
    bytes += c;
  }
  return bytes;
}

}  // namespace

std::string percent_encode(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string text;
  text.reserve(bytes.size());
  for (const char c : bytes) {
    if (unreserved(c)) {
      text += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    text.append(1, '%').append(1, digits[byte >> 4]).append(1, digits[byte & 15]);
  }
  return text;
}

std::string encode_fields(const wire_fields& fields) {
  return encoded(fields);
}

std::string encode_fields(const sorted_fields& fields) {
  return encoded(fields);
}

std::optional<wire_fields> parse_fields(std::string_view text, std::size_t max_fields) {
  wire_fields fields;
  while (!text.empty()) {
    const std::size_t end = text.find('&');
    const std::string_view one = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (one.empty()) continue;
    if (fields.size() >= max_fields) return std::nullopt;
    const std::size_t equals = one.find('=');
    auto name = decoded(one.substr(0, equals));
    auto value = decoded(equals == std::string_view::npos ? std::string_view() : one.substr(equals + 1));
    if (!name || !value) return std::nullopt;
    fields.emplace_back(std::move(*name), std::move(*value));
  }
  return fields;
}

std::optional<std::string_view> find_field(const wire_fields& fields, std::string_view name) {
  for (const auto& [key, value] : fields) {
    if (key == name) return value;
  }
  return std::nullopt;
}

}  // namespace smsauth::sms
