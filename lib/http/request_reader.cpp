#include "http/request_reader.hpp"

#include "http/request_parser.hpp"

#include <algorithm>

namespace smsauth::http {

namespace {

constexpr std::size_t first_buffer_bytes = std::size_t{4} * 1024;  ///< most requests, or a pipeline of short ones
constexpr std::size_t read_ahead_bytes = std::size_t{4} * 1024;  ///< room behind the decoded body of a chunked request
constexpr std::size_t max_chunk_line = 24;                       ///< a size of 64 bits and the line ends around it

constexpr refusal bad_header{400, "bad_header"};
constexpr refusal bad_line_end{400, "bad_line_end"};
constexpr refusal bad_chunk{400, "bad_chunk"};
constexpr refusal body_too_large{413, "body_too_large"};
constexpr refusal framing_too_large{431, "header_too_large"};

}  // namespace

std::span<char> request_reader::space() {
  if (input_.space().empty()) {
    // A header grows towards its limit; one octet more tells "as large as allowed" from "too large". A body had its
    // room reserved with the header, and a chunked one makes room by decoding.
    const std::size_t capacity = input_.capacity();
    const std::size_t wanted = 2 * input_.size() <= capacity ? capacity : 2 * capacity;
    input_.reserve(std::max({std::min(wanted, limits_.header_bytes + 1), input_.size() + 1, first_buffer_bytes}));
  }
  return input_.space();
}

request_reader::state request_reader::advance() {
  if (state_ == state::header) state_ = read_header();
  if (state_ == state::body) state_ = read_body();
  return state_;
}

request_reader::state request_reader::refuse(refusal why) noexcept {
  why_ = why;
  request_.verb = head_.line.verb;
  request_.method_name = head_.line.method_name;
  request_.path = head_.line.path;
  request_.query = head_.line.query;
  return state::refused;
}

request_reader::state request_reader::read_header() {
  // One empty line before a request is left by clients that end a body with it (RFC 9112 section 2.2).
  if (!blank_line_passed_) {
    if (input_.empty() || input_.text() == "\r") return state::header;
    if (input_.text().starts_with("\r\n")) input_.consume(2);
    blank_line_passed_ = true;
  }
  const std::string_view input = input_.text();
  switch (scan_.find_end(input)) {
    case header_scan::state::bare_line_feed:
      return refuse(bad_line_end);
    case header_scan::state::complete:
      if (scan_.size() > limits_.header_bytes) return refuse(refuse_long_head(input, limits_, head_));
      return read_head(scan_.size());
    case header_scan::state::incomplete:
      break;
  }
  if (input.size() > limits_.header_bytes) return refuse(refuse_long_head(input, limits_, head_));
  return state::header;
}

request_reader::state request_reader::read_head(std::size_t size) {
  head_size_ = size;
  if (const auto refused = check_head(input_.text().substr(0, size), limits_, head_)) return refuse(*refused);

  // Now, not later: the request's views must not move any more.
  const char* const before = input_.data();
  const std::size_t longest = body_limit(head_.line.path, limits_);
  const std::size_t chunk_room = longest + limits_.header_bytes + read_ahead_bytes;
  input_.reserve(size + (head_.chunked ? chunk_room : static_cast<std::size_t>(head_.content_length)));
  const std::string_view block = input_.text().substr(0, size);
  if (input_.data() != before) {
    head_ = request_head();
    check_head(block, limits_, head_);  // passes again; its views are into the buffer as it lies now
  }

  request_parser parser(headers_);
  if (!parser.read_head(block, head_.chunked)) return refuse(bad_header);
  keep_alive_ = parser.keep_alive();
  if (head_.chunked) chunks_.emplace(longest);
  request_.verb = head_.line.verb;
  request_.method_name = head_.line.method_name;
  request_.path = head_.line.path;
  request_.query = head_.line.query;
  request_.headers = headers_;
  body_size_ = head_.chunked ? 0 : static_cast<std::size_t>(head_.content_length);
  return state::body;
}

request_reader::state request_reader::read_body() {
  if (head_.chunked) return read_chunked_body();
  if (input_.size() < head_size_ + body_size_) return state::body;
  request_.body = input_.text().substr(head_size_, body_size_);
  total_ = head_size_ + body_size_;
  return state::ready;
}

request_reader::state request_reader::read_chunked_body() {
  const std::size_t raw_begin = head_size_ + body_size_;
  const chunk_decoder::result result = chunks_->decode(input_.text().substr(raw_begin), input_.data() + raw_begin);
  if (result == chunk_decoder::result::malformed) return refuse(bad_chunk);
  if (result == chunk_decoder::result::body_too_large) return refuse(body_too_large);
  body_size_ += chunks_->decoded();
  input_.erase(raw_begin + chunks_->decoded(), chunks_->consumed() - chunks_->decoded());

  // Extensions, leading zeros and trailers count towards the header limit (HTTP-04), also while a line has no end yet.
  const bool done = result == chunk_decoder::result::done;
  const std::size_t waiting = done ? 0 : input_.size() - head_size_ - body_size_;
  const std::size_t allowed = limits_.header_bytes + (done ? 0 : max_chunk_line);
  if (head_size_ + chunks_->surplus() + waiting > allowed) return refuse(framing_too_large);
  if (!done) return state::body;
  request_.body = input_.text().substr(head_size_, body_size_);
  total_ = head_size_ + body_size_;
  return state::ready;
}

bool request_reader::expects_continue() const noexcept {
  return state_ == state::body && head_.expects_continue && input_.size() == head_size_;
}

void request_reader::finish() {
  input_.consume(total_);
  clear_request();
}

void request_reader::clear_request() noexcept {
  chunks_.reset();
  headers_.clear();
  request_.headers = {};
  request_.method_name = request_.path = request_.query = request_.body = {};
  request_.verb = method::get;
  head_ = request_head();
  scan_.reset();
  state_ = state::header;
  blank_line_passed_ = false;
  keep_alive_ = false;
  total_ = head_size_ = body_size_ = 0;
}

void request_reader::reset() noexcept {
  clear_request();
  input_.shrink_to(first_buffer_bytes);
}

}  // namespace smsauth::http
