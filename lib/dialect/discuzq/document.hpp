// The request side of the dialect: attributes under data.attributes, as JSON:API or as PHP form fields.
#pragma once

#include "core/error.hpp"
#include "core/limits.hpp"
#include "http/request.hpp"

#include <boost/json/object.hpp>

#include <string>
#include <string_view>

namespace smsauth::dialect::discuzq {

/// What a request carries. data.type, data.id and everything else beside data.attributes are ignored, as in the
/// original.
struct document {
  boost::json::object attributes;  ///< empty when there is no body or no data.attributes
  std::string include;             ///< of the query
};

/// JSON when the media type contains "json", else urlencoded data[attributes][name]. Without a body the content type
/// may be missing. Nothing but `include` is read from the query; an attribute given there as well is refused (HTTP-09).
/// Errors: malformed_request, unsupported_media_type.
core::result<document> read_document(const http::request& request, const core::http_limits& limits);

/// Takes the attributes of one endpoint and remembers whether each had a type it can have, so that a handler checks
/// once. Absent, null and blank are one thing, as in the original's validator: an empty value.
class attribute_reader {
 public:
  explicit attribute_reader(const boost::json::object& attributes) : attributes_(attributes) {}

  /// A string. The view lives as long as the attributes.
  std::string_view text(const char* name);
  /// A string, or an integer as its decimal text.
  std::string text_or_integer(const char* name);
  /// PHP's idea of true: everything but 0, "0", "", false, null and absent.
  bool truthy(const char* name);

  /// Was every attribute so far of a type it can have?
  bool sound() const noexcept { return sound_; }

 private:
  const boost::json::object& attributes_;
  bool sound_ = true;
};

}  // namespace smsauth::dialect::discuzq
