#include "sms/wire_json.hpp"

#include <boost/json/parse.hpp>

namespace smsauth::sms {

namespace json = boost::json;

namespace {

constexpr std::size_t max_depth = 16;

}  // namespace

std::optional<json::value> parse_wire_json(std::string_view text) {
  json::parse_options options;
  options.max_depth = max_depth;
  boost::system::error_code error;
  json::value value = json::parse({text.data(), text.size()}, error, {}, options);
  if (error) return std::nullopt;
  return value;
}

const json::value* wire_member(const json::value& of, std::string_view member) {
  const json::object* const members = of.if_object();
  return members == nullptr ? nullptr : members->if_contains({member.data(), member.size()});
}

std::string wire_text(const json::value& of, std::string_view member) {
  const json::value* const found = wire_member(of, member);
  if (found == nullptr) return {};
  if (const auto* text = found->if_string()) return {text->data(), text->size()};
  if (const auto* number = found->if_int64()) return std::to_string(*number);
  if (const auto* big = found->if_uint64()) return std::to_string(*big);
  if (const auto* truth = found->if_bool()) return *truth ? "true" : "false";
  return {};
}

}  // namespace smsauth::sms
