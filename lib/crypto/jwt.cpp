#include "crypto/jwt.hpp"

#include "crypto/base64.hpp"
#include "crypto/flat_json.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

namespace smsauth::crypto {

namespace {

struct segments {
  std::string_view header;
  std::string_view claims;
  std::string_view signature;
  std::string_view signed_part;  ///< header.claims
};

std::optional<segments> split(std::string_view token) {
  if (token.size() > max_token_bytes) return std::nullopt;
  const std::size_t first = token.find('.');
  if (first == std::string_view::npos) return std::nullopt;
  const std::size_t second = token.find('.', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  segments parts;
  parts.header = token.substr(0, first);
  parts.claims = token.substr(first + 1, second - first - 1);
  parts.signature = token.substr(second + 1);  // a third dot is in it, and in no alphabet
  parts.signed_part = token.substr(0, second);
  if (parts.header.empty() || parts.claims.empty() || parts.signature.empty()) return std::nullopt;
  return parts;
}

struct jose_header {
  std::string typ;
  std::string alg;
  std::optional<std::string> kid;
};

std::optional<jose_header> read_header(std::string_view segment) {
  const auto text = from_base64url(segment);
  if (!text) return std::nullopt;
  auto members = parse_flat_object(*text);
  if (!members) return std::nullopt;
  jose_header header;
  for (flat_member& member : *members) {
    auto* value = std::get_if<std::string>(&member.value);
    if (value == nullptr) return std::nullopt;
    if (member.name == "typ") {
      header.typ = std::move(*value);
    } else if (member.name == "alg") {
      header.alg = std::move(*value);
    } else if (member.name == "kid") {
      header.kid = std::move(*value);
    } else {
      return std::nullopt;  // crit, jku, jwk, x5u …: nothing we would have written
    }
  }
  if (header.typ != "JWT" || (header.kid && !is_kid(*header.kid))) return std::nullopt;
  return header;
}

/// The algorithm is the key's; the header may only agree with it (RFC 8725 section 3.1).
bool fits(const signing_key& key, const jose_header& header) {
  return header.alg == to_string(key.algorithm()) && (!header.kid || *header.kid == key.kid());
}

bool is_signed(const segments& parts, const jose_header& header, std::span<const signing_key* const> keys) {
  const auto signature = from_base64url(parts.signature);
  if (!signature) return false;
  return std::any_of(keys.begin(), keys.end(), [&](const signing_key* key) {
    return fits(*key, header) && key->has_signed(parts.signed_part, *signature);
  });
}

const flat_member* find(const std::vector<flat_member>& members, std::string_view name) {
  const auto found = std::find_if(members.begin(), members.end(), [&](const flat_member& m) { return m.name == name; });
  return found == members.end() ? nullptr : &*found;
}

/// An absent claim leaves `out` empty. False when it is not text.
bool read_text(const std::vector<flat_member>& members, std::string_view name, std::string& out) {
  const flat_member* member = find(members, name);
  if (member == nullptr) return true;
  const auto* text = std::get_if<std::string>(&member->value);
  if (text != nullptr) out = *text;
  return text != nullptr;
}

/// False when the claim is absent or no integer.
bool read_integer(const std::vector<flat_member>& members, std::string_view name, std::int64_t& out) {
  const flat_member* member = find(members, name);
  const auto* number = member == nullptr ? nullptr : std::get_if<std::int64_t>(&member->value);
  if (number != nullptr) out = *number;
  return number != nullptr;
}

std::optional<verified> read_claims(std::string_view segment) {
  const auto text = from_base64url(segment);
  if (!text) return std::nullopt;
  const auto members = parse_flat_object(*text);
  if (!members) return std::nullopt;
  verified claims;
  std::int64_t number = 0;
  claims.sub_is_integer = read_integer(*members, "sub", number);
  if (claims.sub_is_integer) {
    claims.sub = std::to_string(number);
  } else if (!read_text(*members, "sub", claims.sub) || claims.sub.empty()) {
    return std::nullopt;
  }
  if (!read_text(*members, "iss", claims.iss) || !read_text(*members, "aud", claims.aud) ||
      !read_text(*members, "jti", claims.jti) || !read_integer(*members, "iat", claims.iat) ||
      !read_integer(*members, "nbf", claims.nbf) || !read_integer(*members, "exp", claims.exp)) {
    return std::nullopt;
  }
  return claims;
}

bool meets(const verified& claims, const expectations& expected) {
  // The leeway moves "now", which is small, and not a claim, which could be at the end of its range.
  const std::int64_t now = expected.now_seconds;
  const std::int64_t leeway = expected.leeway_seconds;
  return claims.iss == expected.iss && claims.aud == expected.aud && now - leeway < claims.exp &&
         claims.nbf <= now + leeway && claims.iat <= now + max_future_seconds;
}

}  // namespace

std::string sign(const signing_key& key, bool with_kid, std::string_view claims_json) {
  std::string header = R"({"typ":"JWT","alg":")";
  header += to_string(key.algorithm());
  if (with_kid) header += R"(","kid":")" + key.kid();  // a kid holds nothing that JSON escapes
  header += "\"}";
  std::string token = base64url(header) + '.' + base64url(claims_json);
  const std::string signature = key.signature_of(token);
  token += '.';
  token += base64url(signature);
  return token;
}

core::result<verified> verify(std::string_view token, std::span<const signing_key* const> keys,
                              const expectations& expected) {
  const auto parts = split(token);
  if (!parts) return core::errc::invalid_token;
  const auto header = read_header(parts->header);
  if (!header || !is_signed(*parts, *header, keys)) return core::errc::invalid_token;
  auto claims = read_claims(parts->claims);
  if (!claims || !meets(*claims, expected)) return core::errc::invalid_token;
  return std::move(*claims);
}

}  // namespace smsauth::crypto
