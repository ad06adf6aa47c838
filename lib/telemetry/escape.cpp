#include "telemetry/escape.hpp"

#include "telemetry/log.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace smsauth::telemetry {

namespace {

constexpr char32_t replacement = 0xFFFD;

struct range {
  char32_t first;
  char32_t last;
};

/// Code points past ASCII that are not shown, or that move what is shown. Sorted.
constexpr std::array hidden{
    range{0x0080, 0x009F},    // C1 controls: 9B begins a terminal sequence
    range{0x00AD, 0x00AD},    // soft hyphen
    range{0x061C, 0x061C},    // Arabic letter mark
    range{0x115F, 0x1160},    // Hangul fillers
    range{0x180B, 0x180F},    // Mongolian selectors and vowel separator
    range{0x200B, 0x200F},    // zero width, left-to-right and right-to-left marks
    range{0x2028, 0x202E},    // line and paragraph separator, embeddings and overrides
    range{0x2060, 0x206F},    // word joiner, invisible operators, isolates
    range{0x3164, 0x3164},    // Hangul filler
    range{0xFE00, 0xFE0F},    // variation selectors
    range{0xFEFF, 0xFEFF},    // byte order mark
    range{0xFFF9, 0xFFFB},    // interlinear annotation
    range{0xE0000, 0xE0FFF},  // tags and further selectors
};

constexpr bool is_hidden(char32_t point) noexcept {
  const auto* const at = std::find_if(hidden.begin(), hidden.end(), [point](range r) { return point <= r.last; });
  return at != hidden.end() && point >= at->first;
}

constexpr bool is_plain(char c) noexcept {
  return c >= ' ' && c <= '~' && c != '"' && c != '\\';
}

struct decoded {
  char32_t point;
  std::size_t bytes;
  bool valid;
};

/// The first character of a text that begins with a byte of 0x80 or more (RFC 3629: no overlong forms, no surrogates).
constexpr decoded decode(std::string_view text) noexcept {
  const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(0);
  const std::size_t bytes = lead >= 0xC2 && lead <= 0xDF   ? 2
                            : lead >= 0xE0 && lead <= 0xEF ? 3
                            : lead >= 0xF0 && lead <= 0xF4 ? 4
                                                           : 0;
  if (bytes == 0 || text.size() < bytes) return {replacement, 1, false};
  char32_t point = lead & (0x7FU >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return {replacement, 1, false};
    point = (point << 6) | (byte(i) & 0x3FU);
  }
  constexpr std::array<char32_t, 5> smallest{0, 0, 0x80, 0x800, 0x10000};
  if (point < smallest[bytes] || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF))
    return {replacement, 1, false};
  return {point, bytes, true};
}

/// One character as it goes out: itself, or its escape.
class piece {
 public:
  void add(std::string_view text) noexcept {
    for (const char c : text)
      bytes_[size_++] = c;
  }

  void add_unit(std::uint32_t utf16_unit) noexcept {
    constexpr std::string_view digits = "0123456789abcdef";
    add("\\u");
    for (int shift = 12; shift >= 0; shift -= 4)
      bytes_[size_++] = digits[(utf16_unit >> shift) & 0xFU];
  }

  void add_point(char32_t point) noexcept {
    if (point < 0x10000) return add_unit(point);
    const char32_t offset = point - 0x10000;
    add_unit(0xD800 + (offset >> 10));
    add_unit(0xDC00 + (offset & 0x3FF));
  }

  std::string_view text() const noexcept { return {bytes_.data(), size_}; }

 private:
  std::array<char, 12> bytes_{};  // two \uXXXX
  std::size_t size_ = 0;
};

piece escape_ascii(char c) noexcept {
  piece out;
  switch (c) {
    case '"':
      out.add("\\\"");
      break;
    case '\\':
      out.add("\\\\");
      break;
    case '\n':
      out.add("\\n");
      break;
    case '\r':
      out.add("\\r");
      break;
    case '\t':
      out.add("\\t");
      break;
    default:
      out.add_unit(static_cast<unsigned char>(c));
  }
  return out;
}

}  // namespace

void append_escaped(std::string& out, std::string_view text, std::size_t limit) {
  std::size_t left = limit;
  while (!text.empty()) {
    const auto* const end = std::find_if_not(text.begin(), text.end(), is_plain);
    const std::size_t plain = std::min(left, static_cast<std::size_t>(end - text.begin()));
    out.append(text, 0, plain);
    left -= plain;
    text.remove_prefix(plain);
    if (text.empty() || left == 0) return;

    piece next;
    std::size_t read = 1;
    if (static_cast<unsigned char>(text.front()) < 0x80) {
      next = escape_ascii(text.front());
    } else {
      const decoded character = decode(text);
      read = character.bytes;
      if (character.valid && !is_hidden(character.point)) {
        next.add(text.substr(0, read));
      } else {
        next.add_point(character.point);
      }
    }
    if (next.text().size() > left) return;
    out += next.text();
    left -= next.text().size();
    text.remove_prefix(read);
  }
}

std::string escaped(std::string_view text) {
  std::string out;
  append_escaped(out, text);
  return out;
}

}  // namespace smsauth::telemetry
