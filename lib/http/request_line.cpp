#include "http/request_line.hpp"

#include "http/syntax.hpp"

#include <algorithm>
#include <array>

namespace smsauth::http {

namespace {

constexpr refusal bad_method{400, "bad_method"};
constexpr refusal bad_target{400, "bad_target"};
constexpr refusal bad_version{400, "bad_version"};
constexpr refusal target_too_long{414, "target_too_long"};
constexpr refusal unknown_version{505, "version_not_supported"};

/// Visible ASCII without "#": a fragment is no part of a target (RFC 9112 section 3.2), and whoever cuts it there reads
/// another path than we do. Octets over 0x7F and blanks must come percent-encoded.
constexpr character_set target_characters = make_character_set([](char c) { return c > ' ' && c < 0x7F && c != '#'; });

constexpr std::array known_methods{method::get,     method::head,    method::post,  method::put,    method::patch,
                                   method::delete_, method::options, method::trace, method::connect};

method method_of(std::string_view name) noexcept {
  for (const method verb : known_methods)
    if (to_string(verb) == name) return verb;  // case-sensitive (RFC 9110 section 9.1)
  return method::other;
}

/// Behind "http://" or "https://" and the authority. Nothing when `target` is not in absolute-form.
std::optional<std::string_view> behind_authority(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!equal_ignoring_case(target.substr(0, scheme.size()), scheme)) continue;
    const std::string_view rest = target.substr(scheme.size());
    const auto end = std::min(rest.find_first_of("/?"), rest.size());
    if (end == 0) return std::nullopt;
    return rest.substr(end);
  }
  return std::nullopt;
}

bool parse_target(std::string_view target, request_line& out) {
  if (!consists_of(target, target_characters)) return false;
  if (target == "*") {
    out.path = target;
    return out.verb == method::options;
  }
  if (!target.starts_with('/')) {
    const auto rest = behind_authority(target);
    if (!rest) return false;
    target = *rest;
  }
  const auto question = std::min(target.find('?'), target.size());
  out.path = question == 0 ? std::string_view("/") : target.substr(0, question);
  out.query = target.substr(std::min(question + 1, target.size()));
  return true;
}

}  // namespace

std::optional<refusal> parse_request_line(std::string_view line, std::size_t target_bytes, request_line& out) {
  const auto first_blank = line.find(' ');
  out.method_name = line.substr(0, first_blank);
  if (first_blank == std::string_view::npos || !is_token(out.method_name)) return bad_method;
  out.verb = method_of(out.method_name);

  std::string_view rest = line.substr(first_blank + 1);
  const auto second_blank = rest.find(' ');
  const std::string_view target = rest.substr(0, second_blank);
  if (target.size() > target_bytes) return target_too_long;
  if (!parse_target(target, out)) return bad_target;

  if (second_blank == std::string_view::npos) return bad_version;
  const std::string_view version = rest.substr(second_blank + 1);
  if (version.size() != 8 || !version.starts_with("HTTP/") || !is_digit(version[5]) || version[6] != '.' ||
      !is_digit(version[7])) {
    return bad_version;
  }
  if (version[5] != '1' || version[7] > '1') return unknown_version;
  out.http_1_1 = version[7] == '1';
  return std::nullopt;
}

}  // namespace smsauth::http
