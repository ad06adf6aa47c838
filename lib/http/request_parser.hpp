// Boost.Beast's parser over our own storage: fields are views into the input, not copies in a container, so a request
// costs no allocation. It sees only header blocks that the guards passed.
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
  request_parser(std::vector<header_field>& headers, bool chunked, std::size_t body_bytes);

  /// Parses a whole header block with its blank line. False: Beast refuses it, or reads another framing than the
  /// guards.
  bool read_head(std::string_view block);
  bool keep_alive() const noexcept { return keep_alive_; }

  enum class chunk_result : std::uint8_t { more, done, malformed, body_too_large };

  /// Decodes what `input` holds of a chunked body and writes the decoded octets to `output`, which is at or before
  /// `input` in the same buffer. `consumed` octets of the input are done with; the rest comes again with more behind
  /// it.
  chunk_result read_chunks(std::string_view input, char* output, std::size_t& consumed);
  /// Decoded octets of the latest read_chunks.
  std::size_t decoded() const noexcept { return decoded_; }
  /// Octets of this body's framing so far that a terse sender needs: sizes without leading zeros, line ends.
  std::size_t necessary_framing() const noexcept { return necessary_framing_; }

 private:
  using error_code = boost::beast::error_code;
  using text = boost::beast::string_view;

  void on_request_impl(boost::beast::http::verb, text, text, int, error_code&) override {}
  void on_response_impl(int, text, int, error_code&) override {}
  void on_field_impl(boost::beast::http::field, text name, text value, error_code&) override;
  void on_header_impl(error_code&) override;
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(text body, error_code&) override { return body.size(); }
  void on_chunk_header_impl(std::uint64_t size, text extensions, error_code&) override;
  std::size_t on_chunk_body_impl(std::uint64_t remain, text body, error_code&) override;
  void on_finish_impl(error_code&) override {}

  std::vector<header_field>& headers_;
  char* output_ = nullptr;
  std::size_t decoded_ = 0;
  std::size_t necessary_framing_ = 0;
  bool chunked_expected_;
  bool head_done_ = false;
  bool keep_alive_ = false;
};

}  // namespace smsauth::http
