#include "http/chunk_decoder.hpp"

#include "http/request_guards.hpp"
#include "http/syntax.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace smsauth::http {

namespace {

constexpr std::string_view end_of_line = "\r\n";
constexpr int hexadecimal = 16;

}  // namespace

chunk_decoder::result chunk_decoder::decode(std::string_view input, char* output) {
  consumed_ = decoded_ = 0;
  for (;;) {
    const std::string_view rest = input.substr(consumed_);
    if (part_ == part::data) {
      const std::size_t count = std::min(left_, rest.size());
      std::memmove(output + decoded_, rest.data(), count);
      decoded_ += count;
      consumed_ += count;
      left_ -= count;
      if (left_ > 0) return result::more;
      part_ = part::data_end;
      continue;
    }
    const auto end = rest.find(end_of_line);
    if (part_ == part::data_end && end != 0) {
      return rest.empty() || rest == "\r" ? result::more : result::malformed;
    }
    if (end == std::string_view::npos) return result::more;
    consumed_ += end + end_of_line.size();
    const result read = read_line(rest.substr(0, end));
    if (read != result::more) return read;
  }
}

/// `more` here: go on behind the line.
chunk_decoder::result chunk_decoder::read_line(std::string_view line) {
  switch (part_) {
    case part::size_line:
      return read_size(line);
    case part::trailers:
      return read_trailer(line);
    default:
      part_ = part::size_line;  // behind the data
      return result::more;
  }
}

chunk_decoder::result chunk_decoder::read_size(std::string_view line) {
  const auto digits_end = std::find_if(line.begin(), line.end(), [](char c) { return hex_value(c) < 0; });
  const auto digits = line.substr(0, static_cast<std::size_t>(digits_end - line.begin()));
  const auto extensions = line.substr(digits.size());
  // No blank between size and ";": some servers take what follows for another size.
  if (digits.empty() || !(extensions.empty() || extensions.starts_with(';')) || !is_field_value(extensions)) {
    return result::malformed;
  }
  std::uint64_t size = 0;
  if (std::from_chars(digits.data(), digits.data() + digits.size(), size, hexadecimal).ec != std::errc() ||
      size > room_) {
    return result::body_too_large;
  }
  const auto zeros = std::min(digits.find_first_not_of('0'), digits.size() - 1);
  surplus_ += zeros + extensions.size();
  left_ = static_cast<std::size_t>(size);
  room_ -= left_;
  part_ = size == 0 ? part::trailers : part::data;
  return result::more;
}

/// Trailers are checked and dropped, never merged into the header (RFC 9110 section 6.5.1).
chunk_decoder::result chunk_decoder::read_trailer(std::string_view line) {
  if (line.empty()) return result::done;
  surplus_ += line.size() + end_of_line.size();
  std::string_view name;
  std::string_view value;
  return split_field(line, name, value) ? result::more : result::malformed;
}

}  // namespace smsauth::http
