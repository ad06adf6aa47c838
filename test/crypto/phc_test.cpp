#include "crypto/phc.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using namespace smsauth::crypto;

namespace {

// 16 bytes of salt, 32 bytes of tag.
constexpr std::string_view salt_and_tag = "$c29tZXNhbHRzb21lc2FsdA$MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE";

bool accepted(std::string_view text) {
  return parse_phc(text).has_value();
}

bool accepted_with(std::string_view parameters) {
  return accepted("$argon2id$v=19$" + std::string(parameters) + std::string(salt_and_tag));
}

std::string with_lengths(std::size_t salt, std::size_t tag) {
  return write_phc({argon2_parameters{}, std::string(salt, 's'), std::string(tag, 't')});
}

}  // namespace

TEST_CASE("a PHC string is read and written back the same") {
  const std::string text = "$argon2id$v=19$m=19456,t=2,p=1" + std::string(salt_and_tag);
  const auto hash = parse_phc(text);
  REQUIRE(hash.has_value());
  CHECK(hash->parameters == argon2_parameters{19456, 2, 1});
  CHECK(hash->salt == "somesaltsomesalt");
  CHECK(hash->tag == "01234567890123456789012345678901");
  CHECK(write_phc(*hash) == text);
}

TEST_CASE("parameters are taken inside the bounds only") {
  for (const std::string_view good : {"m=8,t=1,p=1", "m=262144,t=10,p=4", "m=32,t=1,p=4", "m=19456,t=2,p=1"}) {
    CAPTURE(good);
    CHECK(accepted_with(good));
  }
  for (const std::string_view bad : {"m=7,t=1,p=1",
                                     "m=262145,t=1,p=1",
                                     "m=0,t=1,p=1",
                                     "m=31,t=1,p=4",
                                     "m=19456,t=0,p=1",
                                     "m=19456,t=11,p=1",
                                     "m=19456,t=2,p=0",
                                     "m=19456,t=2,p=5",
                                     "m=4294967296,t=2,p=1",
                                     "m=4294986752,t=2,p=1",
                                     "m=-8,t=1,p=1",
                                     "m=+8,t=1,p=1",
                                     "m=08,t=1,p=1",
                                     "m= 8,t=1,p=1",
                                     "m=8 ,t=1,p=1",
                                     "m=8,t=,p=1",
                                     "m=8,t=1",
                                     "t=1,m=8,p=1",
                                     "m=8,p=1,t=1",
                                     "m=8,t=1,p=1,data=AAAA",
                                     "m=8,t=1,p=1,",
                                     "m=8;t=1;p=1",
                                     "m=8,t=1,p=1,keyid=",
                                     "M=8,t=1,p=1",
                                     "m=0x8,t=1,p=1",
                                     "m=8e0,t=1,p=1",
                                     "",
                                     "m=8,t=1,p=01",
                                     "m=99999999999999,t=1,p=1"}) {
    CAPTURE(bad);
    CHECK_FALSE(accepted_with(bad));
  }
}

TEST_CASE("salt and tag have bounded lengths") {
  CHECK(accepted(with_lengths(8, 16)));
  CHECK(accepted(with_lengths(48, 64)));
  CHECK_FALSE(accepted(with_lengths(7, 32)));
  CHECK_FALSE(accepted(with_lengths(49, 32)));
  CHECK_FALSE(accepted(with_lengths(0, 32)));
  CHECK_FALSE(accepted(with_lengths(16, 15)));
  CHECK_FALSE(accepted(with_lengths(16, 65)));
  CHECK_FALSE(accepted(with_lengths(16, 0)));
}

TEST_CASE("every other spelling is refused") {
  const std::string good = "$argon2id$v=19$m=19456,t=2,p=1" + std::string(salt_and_tag);
  REQUIRE(accepted(good));
  for (std::size_t length = 0; length + 23 < good.size(); ++length)
    CHECK_FALSE(accepted(good.substr(0, length)));
  const std::string rest = "$m=19456,t=2,p=1" + std::string(salt_and_tag);
  for (const std::string& bad :
       {"$argon2id$v=16" + rest, "$argon2id" + rest, "$argon2i$v=19" + rest, "$argon2d$v=19" + rest,
        "$Argon2id$v=19" + rest, "argon2id$v=19" + rest, " " + good, good + " ", good + "\n", good + "$", good + "=",
        good + '\0', "$2y$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy" + std::string(),
        std::string("plaintext"),
        std::string("$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA=="
                    "$MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE")}) {
    CAPTURE(bad);
    CHECK_FALSE(accepted(bad));
  }
}
