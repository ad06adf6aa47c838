#include "dialect/discuzq/document.hpp"

#include "dialect/json_reader.hpp"
#include "http/form.hpp"

#include <boost/json/value.hpp>

#include <optional>
#include <utility>

namespace smsauth::dialect::discuzq {

namespace {

namespace json = boost::json;

constexpr std::string_view form_prefix = "data[attributes][";

/// "mobile" of "data[attributes][mobile]"; nothing for names outside data[attributes].
/// Error: malformed_request for a name that makes an attribute an array, or the parents no arrays.
core::result<std::optional<std::string_view>> attribute_name(std::string_view name) {
  using found = std::optional<std::string_view>;
  if (name == "data" || name == "data[attributes]" || name == "data[]") return core::errc::malformed_request;
  if (!name.starts_with(form_prefix)) return found();
  name.remove_prefix(form_prefix.size());
  if (name.size() < 2 || name.find_first_of("[]") != name.size() - 1 || name.back() != ']')
    return core::errc::malformed_request;
  name.remove_suffix(1);
  return found(name);
}

core::result<json::object> read_form(std::string_view body, const core::http_limits& limits) {
  const auto pairs = http::parse_urlencoded(body, limits.fields);
  if (!pairs) return pairs.error();
  json::object attributes;
  for (const auto& [name, value] : *pairs) {
    const auto attribute = attribute_name(name);
    if (!attribute) return attribute.error();
    if (!*attribute) continue;
    if (!attributes.emplace(**attribute, value).second) return core::errc::malformed_request;
  }
  return attributes;
}

/// The object `name` of `parent`; an empty one when it is absent or null. Error: malformed_request for any other type.
core::result<json::object> take_object(json::object& parent, std::string_view name) {
  json::value* const member = parent.if_contains(name);
  if (member == nullptr || member->is_null()) return json::object();
  if (!member->is_object()) return core::errc::malformed_request;
  return std::move(member->get_object());
}

core::result<json::object> read_json(std::string_view body, const core::http_limits& limits) {
  if (body.empty()) return json::object();
  auto whole = parse_json(body, limits);
  if (!whole) return whole.error();
  if (!whole->is_object()) return core::errc::malformed_request;
  auto data = take_object(whole->get_object(), "data");
  if (!data) return data.error();
  return take_object(*data, "attributes");
}

core::result<json::object> read_attributes(const http::request& request, const core::http_limits& limits) {
  const std::string_view content_type = request.header("Content-Type").value_or("");
  if (content_type.empty() && request.body.empty()) return json::object();
  const std::string charset = http::charset(content_type);
  const std::string media_type = http::media_type(content_type);
  const bool one_utf8_type = request.header_count("Content-Type") == 1 && (charset.empty() || charset == "utf-8");
  if (!one_utf8_type) return core::errc::unsupported_media_type;
  if (media_type.find("json") != std::string::npos) return read_json(request.body, limits);
  if (media_type == "application/x-www-form-urlencoded") return read_form(request.body, limits);
  return core::errc::unsupported_media_type;
}

}  // namespace

core::result<document> read_document(const http::request& request, const core::http_limits& limits) {
  auto attributes = read_attributes(request, limits);
  if (!attributes) return attributes.error();
  document whole;
  whole.attributes = std::move(*attributes);
  if (request.query.empty()) return whole;

  auto query = http::parse_urlencoded(request.query, limits.fields);
  if (!query) return query.error();
  for (auto& [name, value] : *query) {
    const auto attribute = attribute_name(name);
    if (!attribute) return attribute.error();
    if (whole.attributes.contains(attribute->value_or(name))) return core::errc::malformed_request;
    if (name == "include") whole.include = std::move(value);
  }
  return whole;
}

std::string_view attribute_reader::text(const char* name) {
  const json::value* const value = attributes_.if_contains(name);
  if (value == nullptr || value->is_null()) return {};
  if (!value->is_string()) {
    sound_ = false;
    return {};
  }
  const std::string_view found(value->get_string().data(), value->get_string().size());
  return found.find_first_not_of(" \t\r\n\v\f") == std::string_view::npos ? std::string_view() : found;
}

std::string attribute_reader::text_or_integer(const char* name) {
  const json::value* const value = attributes_.if_contains(name);
  if (value != nullptr && value->is_int64()) return std::to_string(value->get_int64());
  if (value != nullptr && value->is_uint64()) return std::to_string(value->get_uint64());
  return std::string(text(name));
}

bool attribute_reader::truthy(const char* name) {
  const json::value* const value = attributes_.if_contains(name);
  if (value == nullptr || value->is_null()) return false;
  if (value->is_bool()) return value->get_bool();
  if (value->is_int64()) return value->get_int64() != 0;
  if (value->is_uint64()) return true;
  if (value->is_string()) return !value->get_string().empty() && value->get_string() != "0";
  sound_ = false;
  return false;
}

}  // namespace smsauth::dialect::discuzq
