#include "dialect/fields.hpp"

#include "dialect/json_reader.hpp"
#include "http/form.hpp"

#include <boost/json/value.hpp>

#include <charconv>
#include <string>
#include <utility>

namespace smsauth::dialect {

namespace json = boost::json;
using core::errc;

namespace {

constexpr std::string_view blanks = " \t";

/// A body without bytes has no format; a body with bytes has the one that it declares, and only one (HTTP-07).
core::result<std::string> body_type(const http::request& request) {
  if (request.header_count("Content-Type") != 1) return errc::unsupported_media_type;
  const std::string_view declared = *request.header("Content-Type");
  const std::string charset = http::charset(declared);
  if (!charset.empty() && charset != "utf-8") return errc::unsupported_media_type;
  return http::media_type(declared);
}

}  // namespace

core::result<fields> fields::read(const http::request& request, field_sources sources,
                                  const core::http_limits& limits) {
  fields out;
  if (sources.body && !request.body.empty()) {
    if (const auto done = out.add_body(request, limits); !done) return done.error();
  }
  // A query is read even where it does not count: a second value for a field of the body is no request we understand.
  const auto query = http::parse_urlencoded(request.query, limits.fields);
  if (!query) return query.error();
  for (const auto& [name, value] : *query) {
    if (!sources.query && out.find(name) == nullptr) continue;
    if (const auto done = out.add(name, value, kind::text); !done) return done.error();
  }
  if (out.fields_.size() > limits.fields) return errc::malformed_request;
  return out;
}

core::result<void> fields::add_body(const http::request& request, const core::http_limits& limits) {
  const auto type = body_type(request);
  if (!type) return type.error();
  if (*type == "application/json") return add_json(request.body, limits);
  core::result<http::form_fields> form = errc::unsupported_media_type;
  if (*type == "application/x-www-form-urlencoded") {
    form = http::parse_urlencoded(request.body, limits.fields);
  } else if (*type == "multipart/form-data") {
    form = http::parse_multipart(request.body, *request.header("Content-Type"), limits.fields);
  }
  if (!form) return form.error();
  for (const auto& [name, value] : *form) {
    if (const auto done = add(name, value, kind::text); !done) return done.error();
  }
  return {};
}

core::result<void> fields::add_json(std::string_view body, const core::http_limits& limits) {
  const auto value = parse_json(body, limits);
  if (!value) return value.error();
  const json::object* members = value->if_object();
  if (members == nullptr) return errc::malformed_request;
  for (const json::key_value_pair& member : *members) {
    const std::string_view name{member.key().data(), member.key().size()};
    core::result<void> done = errc::malformed_request;  // arrays, objects, fractions
    if (const json::string* text = member.value().if_string(); text != nullptr) {
      done = add(name, {text->data(), text->size()}, kind::text);
    } else if (const std::int64_t* number = member.value().if_int64(); number != nullptr) {
      done = add(name, std::to_string(*number), kind::integer);
    } else if (const std::uint64_t* big = member.value().if_uint64(); big != nullptr) {
      done = add(name, std::to_string(*big), kind::integer);
    } else if (const bool* truth = member.value().if_bool(); truth != nullptr) {
      done = add(name, *truth ? "true" : "false", kind::boolean);
    } else if (member.value().is_null()) {
      done = add(name, {}, kind::null);
    }
    if (!done) return done;
  }
  return {};
}

core::result<void> fields::add_path(std::string_view name, std::string_view value) {
  if (const field* before = find(name); before != nullptr) {
    // The documents of v4 list the number of the path among the parameters, so shipped clients may send it in both.
    const bool same = before->value == value && (before->what == kind::text || before->what == kind::integer);
    if (!same) return errc::malformed_request;
    return {};
  }
  return add(name, value, kind::text);
}

core::result<void> fields::add(std::string_view name, std::string_view value, kind what) {
  // HTTP-09: one place, one value. Two readers could take two, and equal ones today differ tomorrow.
  if (find(name) != nullptr) return errc::malformed_request;
  fields_.push_back(field{std::string(name), std::string(value), what});
  return {};
}

const fields::field* fields::find(std::string_view name) const noexcept {
  for (const field& candidate : fields_) {
    if (candidate.name == name) return &candidate;
  }
  return nullptr;
}

core::result<std::optional<std::string_view>> fields::text(std::string_view name) const {
  const field* found = find(name);
  if (found == nullptr || found->what == kind::null) return std::optional<std::string_view>{};
  if (found->what == kind::boolean) return errc::malformed_request;
  return std::optional<std::string_view>{found->value};
}

core::result<std::string_view> fields::required(std::string_view name) const {
  const auto value = text(name);
  if (!value) return value.error();
  if (!value->has_value() || (*value)->find_first_not_of(blanks) == std::string_view::npos) {
    return core::failure(errc::missing_field, name);
  }
  return **value;
}

core::result<std::optional<std::int64_t>> fields::integer(std::string_view name) const {
  const auto value = text(name);
  if (!value) return value.error();
  if (!value->has_value()) return std::optional<std::int64_t>{};
  const std::string_view digits = **value;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc{} || end != digits.data() + digits.size()) return core::failure(errc::invalid_field, name);
  return std::optional<std::int64_t>{number};
}

}  // namespace smsauth::dialect
