#include "http/chunk_decoder.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>

using smsauth::http::chunk_decoder;

namespace {

constexpr std::size_t body_bytes = 20;

struct outcome {
  chunk_decoder::result last = chunk_decoder::result::more;
  std::string body;
  std::string left;
  std::size_t surplus = 0;
};

/// Decodes in place, `piece` octets at a time, as the reader does.
outcome decode(std::string_view input, std::size_t piece) {
  chunk_decoder decoder(body_bytes);
  outcome out;
  std::string buffer;
  std::size_t body = 0;
  while (!input.empty() && out.last == chunk_decoder::result::more) {
    buffer += input.substr(0, piece);
    input.remove_prefix(std::min(piece, input.size()));
    out.last = decoder.decode(std::string_view(buffer).substr(body), buffer.data() + body);
    buffer.erase(body + decoder.decoded(), decoder.consumed() - decoder.decoded());
    body += decoder.decoded();
  }
  out.body = buffer.substr(0, body);
  out.left = buffer.substr(body) + std::string(input);
  out.surplus = decoder.surplus();
  return out;
}

}  // namespace

TEST_CASE("Chunks become their data, wherever reads end") {
  using result = chunk_decoder::result;
  struct {
    std::string_view input;
    result last;
    std::string_view body;
    std::string_view left;
    std::size_t surplus;
  } const rows[] = {
      {"0\r\n\r\n", result::done, "", "", 0},
      {"5\r\nhello\r\n0\r\n\r\nGET /", result::done, "hello", "GET /", 0},
      {"1\r\na\r\n1\r\nb\r\n0\r\n\r\n", result::done, "ab", "", 0},
      {"A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n", result::done, "01234567890123456789", "", 0},
      {"2\r\n\r\n\r\n0\r\n\r\n", result::done, "\r\n", "", 0},
      {"005;x=y\r\nhello\r\n000;z\r\nA: b\r\n\r\nrest", result::done, "hello", "rest", 2 + 4 + 2 + 2 + 6},
      {"1;a=\"x;y\"\r\nb\r\n0\r\n\r\n", result::done, "b", "", 8},
      {"15\r\n", result::body_too_large, "", "", 0},
      {"14\r\n01234567890123456789\r\n1\r\n", result::body_too_large, "01234567890123456789", "", 0},
      {"5\r\nhel", result::more, "hel", "", 0},
      {"5\r\nhello\r", result::more, "hello", "\r", 0},
      {"5\r\nhello\r\n0\r\n\r", result::more, "hello", "\r", 0},
      {"5\nhello\n0\n\n", result::more, "", "5\nhello\n0\n\n", 0},
  };
  for (const auto& row : rows) {
    CAPTURE(row.input);
    for (std::size_t piece = 1; piece <= row.input.size(); ++piece) {
      const outcome got = decode(row.input, piece);
      REQUIRE(got.last == row.last);
      CHECK(got.body == row.body);
      if (row.last != result::body_too_large) CHECK(got.left == row.left);
      CHECK(got.surplus == row.surplus);
    }
  }
}

TEST_CASE("What only looks like chunks is refused, wherever reads end") {
  for (const std::string_view input : {"\r\n",
                                       "x\r\n",
                                       ";a\r\n",
                                       " 5\r\n",
                                       "5 \r\n",
                                       "5 ;a\r\n",
                                       "5,5\r\n",
                                       "+5\r\n",
                                       "-1\r\n",
                                       "0x5\r\n",
                                       "5\t\r\n",
                                       "5;a\x01\r\n",
                                       "1\r\nab\r\n",
                                       "1\r\na\n0\r\n\r\n",
                                       "1\r\na\rb",
                                       "0\r\nno colon\r\n\r\n",
                                       "0\r\n folded: x\r\n\r\n",
                                       "0\r\nA : b\r\n\r\n",
                                       "0\r\nA: \x7F\r\n\r\n",
                                       "0\r\nA: b\nC: d\r\n\r\n"}) {
    CAPTURE(input);
    for (std::size_t piece = 1; piece <= input.size(); ++piece)
      REQUIRE(decode(input, piece).last == chunk_decoder::result::malformed);
  }
  // A quoted string does not go over the end of its line: the chunk is the one that everybody else sees.
  CHECK(decode("5;\"\r\nhello\r\n0\r\n\r\n\"X\r\n", 1).body == "hello");
}
