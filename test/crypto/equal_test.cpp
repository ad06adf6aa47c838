#include "crypto/equal.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using namespace smsauth::crypto;
using namespace std::string_view_literals;

TEST_CASE("texts are equal when every byte is") {
  CHECK(equal("", ""));
  CHECK(equal("493021", "493021"));
  CHECK(equal("a\0b"sv, "a\0b"sv));
  CHECK_FALSE(equal("493021", "493022"));
  CHECK_FALSE(equal("a\0b"sv, "a\0c"sv));
  CHECK_FALSE(equal("493021", "49302"));
  CHECK_FALSE(equal("49302", "493021"));
  CHECK_FALSE(equal("", "0"));
}

TEST_CASE("a difference in any single bit is seen") {
  const std::string text(32, 'k');
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string other = text;
      other[at] = static_cast<char>(other[at] ^ (1 << bit));
      CHECK_FALSE(equal(text, other));
    }
  }
}
