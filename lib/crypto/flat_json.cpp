#include "crypto/flat_json.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/error.hpp>

#include <algorithm>
#include <limits>
#include <utility>

namespace smsauth::crypto {

namespace {

namespace json = boost::json;

constexpr std::size_t max_depth = 8;
constexpr std::size_t max_members = 64;

/// Collects the outermost object's members; below it only looks for repeated names.
class member_collector {
 public:
  static constexpr std::size_t max_object_size = max_members;
  static constexpr std::size_t max_array_size = std::numeric_limits<std::uint32_t>::max();
  static constexpr std::size_t max_key_size = std::numeric_limits<std::uint32_t>::max();
  static constexpr std::size_t max_string_size = std::numeric_limits<std::uint32_t>::max();

  std::vector<flat_member> release() { return std::move(members_); }

  // The interface of boost::json::basic_parser; false with `ec` set ends the parse.

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }

  bool on_object_begin(json::error_code&) {
    ++depth_;
    first_names_.push_back(names_.size());
    return true;
  }

  bool on_object_end(std::size_t, json::error_code&) {
    names_.resize(first_names_.back());
    first_names_.pop_back();
    return leave();
  }

  bool on_array_begin(json::error_code& ec) {
    if (depth_ == 0) return refuse(ec);
    ++depth_;
    return true;
  }

  bool on_array_end(std::size_t, json::error_code&) { return leave(); }

  bool on_key_part(json::string_view part, std::size_t, json::error_code&) { return append(part); }

  bool on_key(json::string_view last_part, std::size_t, json::error_code& ec) {
    append(last_part);
    std::string name = std::exchange(text_, {});
    const auto first = names_.begin() + static_cast<std::ptrdiff_t>(first_names_.back());
    const bool repeated = std::find(first, names_.end(), name) != names_.end();
    if (repeated || has_nul(name) || ++members_seen_ > max_members) return refuse(ec);
    names_.push_back(std::move(name));
    return true;
  }

  bool on_string_part(json::string_view part, std::size_t, json::error_code&) { return append(part); }

  bool on_string(json::string_view last_part, std::size_t, json::error_code& ec) {
    append(last_part);
    std::string text = std::exchange(text_, {});
    if (has_nul(text)) return refuse(ec);
    return add(std::move(text), ec);
  }

  bool on_number_part(json::string_view, json::error_code&) { return true; }
  bool on_int64(std::int64_t number, json::string_view, json::error_code& ec) { return add(number, ec); }
  bool on_uint64(std::uint64_t, json::string_view, json::error_code& ec) { return add(other_json{}, ec); }
  bool on_double(double, json::string_view, json::error_code& ec) { return add(other_json{}, ec); }
  bool on_bool(bool, json::error_code& ec) { return add(other_json{}, ec); }
  bool on_null(json::error_code& ec) { return add(other_json{}, ec); }

  bool on_comment_part(json::string_view, json::error_code& ec) { return refuse(ec); }
  bool on_comment(json::string_view, json::error_code& ec) { return refuse(ec); }

 private:
  static bool has_nul(std::string_view text) { return text.find('\0') != std::string_view::npos; }

  /// Which error it is does not matter: every one ends in "nothing".
  static bool refuse(json::error_code& ec) {
    ec = json::error::syntax;
    return false;
  }

  bool append(json::string_view part) {
    text_.append(part.data(), part.size());
    return true;
  }

  /// A container ended. Directly under the outermost object it is a member's value.
  bool leave() {
    --depth_;
    if (depth_ == 1) members_.push_back({names_.back(), other_json{}});
    return true;
  }

  template <class Value>
  bool add(Value value, json::error_code& ec) {
    if (depth_ == 0) return refuse(ec);  // a document that is no object
    if (depth_ == 1) members_.push_back({names_.back(), std::move(value)});
    return true;
  }

  std::vector<flat_member> members_;
  std::string text_;                      ///< the parts of the current name or string so far
  std::vector<std::string> names_;        ///< of all open objects, outermost first
  std::vector<std::size_t> first_names_;  ///< where each open object's names begin in names_
  std::size_t depth_ = 0;                 ///< open objects and arrays
  std::size_t members_seen_ = 0;          ///< at all levels
};

}  // namespace

std::optional<std::vector<flat_member>> parse_flat_object(std::string_view text) {
  json::parse_options options;  // RFC 8259 without extensions
  options.max_depth = max_depth;
  json::basic_parser<member_collector> parser(options);
  boost::system::error_code ec;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), ec);
  if (ec || used != text.size()) return std::nullopt;
  return parser.handler().release();
}

}  // namespace smsauth::crypto
