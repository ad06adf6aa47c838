// Octets in, requests out: limits, guards, parser and body of HTTP/1.1 messages. Knows no socket and no clock, so that
// tests and the fuzzer drive it as a connection does.
#pragma once

#include "core/limits.hpp"
#include "http/chunk_decoder.hpp"
#include "http/input_buffer.hpp"
#include "http/request.hpp"
#include "http/request_guards.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace smsauth::http {

class request_reader {
 public:
  enum class state : std::uint8_t {
    header,   ///< more octets of a header are needed; none of them may have come
    body,     ///< the header is known, more octets of the body are needed
    ready,    ///< request() is complete
    refused,  ///< why() says so; the connection has to end
  };

  explicit request_reader(const core::http_limits& limits) noexcept : limits_(limits) {}
  request_reader(const request_reader&) = delete;
  request_reader& operator=(const request_reader&) = delete;

  /// Where the next octets go. Never empty in the states header and body.
  std::span<char> space();
  void received(std::size_t count) noexcept { input_.commit(count); }
  /// Looks at what was received. Stays ready or refused until finish().
  state advance();

  /// Views point into the input until finish(). In the states header and refused, what was understood so far.
  http::request& request() noexcept { return request_; }
  const http::request& request() const noexcept { return request_; }
  const refusal& why() const noexcept { return why_; }
  bool http_1_1() const noexcept { return head_.line.http_1_1; }
  bool keep_alive() const noexcept { return keep_alive_; }
  /// In the state body: the sender waits for 100 Continue before it sends the body (RFC 9110 section 10.1.1).
  bool expects_continue() const noexcept;

  /// Drops the request and turns to the octets behind it.
  void finish();
  /// No octet is waiting.
  bool empty() const noexcept { return input_.empty(); }
  /// Octets wait behind the request that is ready.
  bool has_more() const noexcept { return input_.size() > total_; }
  /// Forgets everything and frees a buffer that a large request needed.
  void reset() noexcept;

 private:
  state refuse(refusal why) noexcept;
  state read_header();
  state read_head(std::size_t size);
  state read_body();
  state read_chunked_body();
  void clear_request() noexcept;

  const core::http_limits& limits_;
  input_buffer input_;
  std::vector<header_field> headers_;
  std::optional<chunk_decoder> chunks_;
  http::request request_;
  request_head head_;
  header_scan scan_;
  refusal why_;
  state state_ = state::header;
  bool keep_alive_ = false;
  bool blank_line_passed_ = false;
  std::size_t total_ = 0;  ///< octets of the request in the input: header and body, de-chunked
  std::size_t head_size_ = 0;
  std::size_t body_size_ = 0;  ///< decoded so far when chunked, else of the whole body
};

}  // namespace smsauth::http
