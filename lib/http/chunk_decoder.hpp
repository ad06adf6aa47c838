// The chunked transfer coding (RFC 9112 section 7.1), decoded in place. Our own: Beast 1.81 waits for octets that it
// has, asserts on others, and does not bound what surrounds the data (security section 2, HTTP-04).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace smsauth::http {

class chunk_decoder {
 public:
  enum class result : std::uint8_t { more, done, malformed, body_too_large };

  explicit chunk_decoder(std::size_t body_bytes) noexcept : room_(body_bytes) {}

  /// Decodes what `input` holds and writes the data to `output`, which is at or before `input` in the same buffer.
  /// A line is judged when its CRLF is there, so the outcome does not depend on where reads end. What consumed() leaves
  /// of the input comes again with more behind it.
  result decode(std::string_view input, char* output);

  /// Of the latest decode().
  std::size_t consumed() const noexcept { return consumed_; }
  std::size_t decoded() const noexcept { return decoded_; }
  /// Octets so far that were neither data nor what a terse sender needs (sizes without leading zeros, line ends):
  /// leading zeros, extensions, trailers.
  std::size_t surplus() const noexcept { return surplus_; }

 private:
  enum class part : std::uint8_t { size_line, data, data_end, trailers };

  result read_line(std::string_view line);
  result read_size(std::string_view line);
  result read_trailer(std::string_view line);

  part part_ = part::size_line;
  std::size_t room_;      ///< octets of data that may still come
  std::size_t left_ = 0;  ///< octets of this chunk
  std::size_t consumed_ = 0;
  std::size_t decoded_ = 0;
  std::size_t surplus_ = 0;
};

}  // namespace smsauth::http
