// Boost.Beast's parser over our own storage: fields are views into the input, not copies in a container, so a request
// costs no allocation. It sees only header blocks that the guards passed, and no bodies.
#pragma once

#include "http/request.hpp"

#include <boost/beast/http/basic_parser.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace smsauth::http {

class request_parser final : public boost::beast::http::basic_parser<true> {
 public:
  /// Fills `headers`, which outlives the parser.
  explicit request_parser(std::vector<header_field>& headers);

  /// Parses a whole header block with its blank line, once. False: Beast refuses it, or reads another framing than the
  /// guards did.
  bool read_head(std::string_view block, bool chunked);

 private:
  using error_code = boost::beast::error_code;
  using text = boost::beast::string_view;

  void on_request_impl(boost::beast::http::verb, text, text, int, error_code&) override {}
  void on_response_impl(int, text, int, error_code&) override {}
  void on_field_impl(boost::beast::http::field, text name, text value, error_code&) override;
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(text body, error_code&) override { return body.size(); }
  void on_chunk_header_impl(std::uint64_t, text, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, text body, error_code&) override { return body.size(); }
  void on_finish_impl(error_code&) override {}

  std::vector<header_field>& headers_;
};

}  // namespace smsauth::http
