#include "crypto/base64.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using namespace smsauth::crypto;

TEST_CASE("base64 has the vectors of RFC 4648 section 10") {
  struct row {
    std::string_view bytes;
    std::string_view text;
  };
  const row rows[] = {{"", ""},
                      {"f", "Zg=="},
                      {"fo", "Zm8="},
                      {"foo", "Zm9v"},
                      {"foob", "Zm9vYg=="},
                      {"fooba", "Zm9vYmE="},
                      {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : rows) {
    CAPTURE(text);
    CHECK(base64(bytes) == text);
    CHECK(from_base64(text) == bytes);
    const std::string_view bare = text.substr(0, text.find('='));
    CHECK(base64_unpadded(bytes) == bare);
    CHECK(base64url(bytes) == bare);
    CHECK(from_base64_unpadded(bare) == bytes);
    CHECK(from_base64url(bare) == bytes);
  }
}

TEST_CASE("the alphabets differ in two digits and refuse each other's") {
  const std::string bytes = "\xfb\xff\xfe";
  CHECK(base64(bytes) == "+//+");
  CHECK(base64url(bytes) == "-__-");
  CHECK(from_base64("+//+") == bytes);
  CHECK(from_base64url("-__-") == bytes);
  CHECK_FALSE(from_base64("-__-"));
  CHECK_FALSE(from_base64_unpadded("-__-"));
  CHECK_FALSE(from_base64url("+//+"));
}

TEST_CASE("every byte survives at every position of a group") {
  for (int before = 0; before < 3; ++before) {
    for (int value = 0; value < 256; ++value) {
      std::string bytes(static_cast<std::size_t>(before), 'x');
      bytes += static_cast<char>(value);
      CHECK(from_base64(base64(bytes)) == bytes);
      CHECK(from_base64url(base64url(bytes)) == bytes);
    }
  }
}

TEST_CASE("a value has one spelling: all others are refused") {
  SUBCASE("padded form") {
    for (const std::string_view text : {"Zg", "Zg=", "Zg===", "Zg==Zg==", "Z===", "====", "=", "Zm9v=", "Zm9vYg=a",
                                        "Zm 9", "Zm9v\n", " Zm9", "Zh==", "Zm9=", "Zm9v====", "Zm\xc3\xa9"}) {
      CAPTURE(text);
      CHECK_FALSE(from_base64(text));
    }
  }
  SUBCASE("unpadded forms") {
    for (const std::string_view text :
         {"Z", "Zm9vY", "Zg==", "Zm8=", "Zm9v\n", "Zm 9v", "Zh", "Zm9", "Zm9.", "\xff\xff"}) {
      CAPTURE(text);
      CHECK_FALSE(from_base64url(text));
      CHECK_FALSE(from_base64_unpadded(text));
    }
    CHECK_FALSE(from_base64url(std::string_view("Zg\0", 3)));
  }
}
