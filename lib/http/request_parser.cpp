#include "http/request_parser.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>

#include <bit>
#include <cstring>
#include <limits>

namespace smsauth::http {

namespace beast_http = boost::beast::http;

namespace {

constexpr std::size_t line_ends_per_chunk = 4;  // behind its size and behind its data

std::size_t hex_digits(std::uint64_t number) noexcept {
  return number == 0 ? 1 : (static_cast<std::size_t>(std::bit_width(number)) + 3) / 4;
}

}  // namespace

request_parser::request_parser(std::vector<header_field>& headers, bool chunked, std::size_t body_bytes)
    : headers_(headers), chunked_expected_(chunked) {
  headers_.clear();
  eager(true);
  // The block's length was judged already; Beast's own limit counts the lines differently.
  header_limit(std::numeric_limits<std::uint32_t>::max());
  body_limit(body_bytes);
  skip(!chunked);  // a body with a length stays where it was read to
}

bool request_parser::read_head(std::string_view block) {
  error_code error;
  const std::size_t consumed = put(boost::asio::const_buffer(block.data(), block.size()), error);
  if (error || consumed != block.size() || !head_done_) return false;
  return chunked() == chunked_expected_;
}

request_parser::chunk_result request_parser::read_chunks(std::string_view input, char* output, std::size_t& consumed) {
  error_code error;
  output_ = output;
  decoded_ = 0;
  consumed = put(boost::asio::const_buffer(input.data(), input.size()), error);
  if (error == beast_http::error::need_more) return chunk_result::more;
  if (error == beast_http::error::body_limit) return chunk_result::body_too_large;
  if (error) return chunk_result::malformed;
  return is_done() ? chunk_result::done : chunk_result::more;
}

void request_parser::on_field_impl(beast_http::field, text name, text value, error_code&) {
  // After the header these are trailers: dropped, never merged (HTTP-04, RFC 9110 section 6.5.1).
  if (head_done_) return;
  headers_.push_back({{name.data(), name.size()}, {value.data(), value.size()}});
}

void request_parser::on_header_impl(error_code&) {
  head_done_ = true;
  keep_alive_ = basic_parser::keep_alive();  // now: Beast would also listen to a Connection field in the trailers
}

void request_parser::on_chunk_header_impl(std::uint64_t size, text, error_code&) {
  necessary_framing_ += hex_digits(size) + line_ends_per_chunk;
}

std::size_t request_parser::on_chunk_body_impl(std::uint64_t, text body, error_code&) {
  std::memmove(output_ + decoded_, body.data(), body.size());
  decoded_ += body.size();
  return body.size();
}

}  // namespace smsauth::http
