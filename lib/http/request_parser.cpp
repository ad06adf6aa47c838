#include "http/request_parser.hpp"

#include <boost/asio/buffer.hpp>

#include <limits>

namespace smsauth::http {

request_parser::request_parser(std::vector<header_field>& headers) : headers_(headers) {
  headers_.clear();
  eager(true);  // start line and fields in one call
  // The block's length was judged already; Beast's own limit counts the lines differently.
  header_limit(std::numeric_limits<std::uint32_t>::max());
  skip(true);  // complete with the header
}

bool request_parser::read_head(std::string_view block, bool chunked) {
  error_code error;
  const std::size_t consumed = put(boost::asio::const_buffer(block.data(), block.size()), error);
  return !error && consumed == block.size() && is_done() && basic_parser::chunked() == chunked;
}

void request_parser::on_field_impl(boost::beast::http::field, text name, text value, error_code&) {
  headers_.push_back({{name.data(), name.size()}, {value.data(), value.size()}});
}

}  // namespace smsauth::http
