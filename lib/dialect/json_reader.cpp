#include "dialect/json_reader.hpp"

#include <boost/container/small_vector.hpp>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>

namespace smsauth::dialect {

namespace {

namespace json = boost::json;

/// Builds the value and remembers the keys of every open object, so that the second of two equal keys is seen after
/// escapes are resolved ("a" and "\u0061" are one key). Each object's keys are compared in turn: `max_members` bounds
/// that to some two thousand short comparisons per request, less than a hash table would cost.
class strict_handler {
 public:
  static constexpr std::size_t max_object_size = json::object::max_size();
  static constexpr std::size_t max_array_size = json::array::max_size();
  static constexpr std::size_t max_key_size = json::string::max_size();
  static constexpr std::size_t max_string_size = json::string::max_size();

  explicit strict_handler(std::size_t max_members) : members_left_(max_members) { stack_.reset(); }

  json::value release() { return stack_.release(); }

  // The interface below is that of boost::json::basic_parser; false with `ec` set ends the parse.

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }

  bool on_object_begin(json::error_code&) {
    first_keys_.push_back(keys_.size());
    return true;
  }

  bool on_object_end(std::size_t members, json::error_code&) {
    keys_.resize(first_keys_.back());
    first_keys_.pop_back();
    stack_.push_object(members);
    return true;
  }

  bool on_array_begin(json::error_code&) { return true; }

  bool on_array_end(std::size_t elements, json::error_code&) {
    stack_.push_array(elements);
    return true;
  }

  bool on_key_part(json::string_view part, std::size_t, json::error_code& ec) {
    if (has_nul(part)) return refuse(ec);
    key_.append(part.data(), part.size());
    stack_.push_chars(part);
    return true;
  }

  bool on_key(json::string_view last_part, std::size_t, json::error_code& ec) {
    if (members_left_ == 0 || has_nul(last_part)) return refuse(ec);
    --members_left_;
    key_.append(last_part.data(), last_part.size());
    const auto first = keys_.begin() + static_cast<std::ptrdiff_t>(first_keys_.back());
    if (std::find(first, keys_.end(), key_) != keys_.end()) return refuse(ec);
    keys_.push_back(std::exchange(key_, {}));
    stack_.push_key(last_part);
    return true;
  }

  bool on_string_part(json::string_view part, std::size_t, json::error_code& ec) {
    if (has_nul(part)) return refuse(ec);
    stack_.push_chars(part);
    return true;
  }

  bool on_string(json::string_view last_part, std::size_t, json::error_code& ec) {
    if (has_nul(last_part)) return refuse(ec);
    stack_.push_string(last_part);
    return true;
  }

  bool on_number_part(json::string_view, json::error_code&) { return true; }

  bool on_int64(std::int64_t number, json::string_view, json::error_code&) {
    stack_.push_int64(number);
    return true;
  }

  bool on_uint64(std::uint64_t number, json::string_view, json::error_code&) {
    stack_.push_uint64(number);
    return true;
  }

  bool on_double(double number, json::string_view, json::error_code& ec) {
    if (!std::isfinite(number)) return refuse(ec);  // 1e999
    stack_.push_double(number);
    return true;
  }

  bool on_bool(bool value, json::error_code&) {
    stack_.push_bool(value);
    return true;
  }

  bool on_null(json::error_code&) {
    stack_.push_null();
    return true;
  }

  bool on_comment_part(json::string_view, json::error_code& ec) { return refuse(ec); }
  bool on_comment(json::string_view, json::error_code& ec) { return refuse(ec); }

 private:
  static bool has_nul(json::string_view text) { return text.find('\0') != json::string_view::npos; }

  /// Which error it is does not matter: parse_json maps all of them to malformed_request.
  static bool refuse(json::error_code& ec) {
    ec = json::error::syntax;
    return false;
  }

  json::value_stack stack_;
  std::size_t members_left_;
  std::string key_;                                            ///< the parts of the current key so far
  boost::container::small_vector<std::string, 8> keys_;        ///< of all open objects, outermost first
  boost::container::small_vector<std::size_t, 8> first_keys_;  ///< where each open object's keys begin in keys_
};

}  // namespace

core::result<json::value> parse_json(std::string_view text, const core::http_limits& limits) {
  json::parse_options options;  // RFC 8259 without extensions; bad UTF-8 is refused
  options.max_depth = limits.json_depth;
  json::basic_parser<strict_handler> parser(options, limits.fields);
  boost::system::error_code ec;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), ec);
  if (ec || used != text.size()) return core::errc::malformed_request;
  return parser.handler().release();
}

}  // namespace smsauth::dialect
