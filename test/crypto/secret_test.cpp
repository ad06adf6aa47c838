#include "crypto/secret.hpp"

#include "crypto/hex.hpp"
#include "crypto/mac.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <new>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

using namespace smsauth;
using namespace smsauth::crypto;
using namespace std::string_view_literals;

namespace {

constexpr std::string_view good_key = "7c9e3f1a5b2d48e6901fc4a37be85d12f60a9b84d3e7215ccf48a1906e3db75f";

bool accepted(std::string_view text) {
  return master_key::from_hex(text).has_value();
}

bool is_zero(std::span<const std::byte> bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::byte b) { return b == std::byte{0}; });
}

static_assert(!std::is_copy_constructible_v<master_key> && !std::is_copy_assignable_v<master_key>);
static_assert(!std::is_copy_constructible_v<sub_key> && !std::is_copy_assignable_v<sub_key>);
static_assert(std::is_nothrow_move_constructible_v<master_key> && std::is_nothrow_move_assignable_v<master_key>);

}  // namespace

TEST_CASE("a master key is 64 hex digits in either case") {
  CHECK(accepted(good_key));
  std::string upper(good_key);
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](char c) { return c >= 'a' ? static_cast<char>(c - 32) : c; });
  CHECK(accepted(upper));
  CHECK(master_key::from_hex(upper)->to_hex() == good_key);
}

TEST_CASE("a master key of another form is refused") {
  const std::string key(good_key);
  for (const std::string& text :
       {std::string(), key.substr(1), key.substr(2), key + "0", key + "00", key + key, key + "\n", " " + key.substr(1),
        "0x" + key.substr(2), key.substr(1) + "g", key.substr(1) + '\0'}) {
    CAPTURE(text);
    const auto refused = master_key::from_hex(text);
    REQUIRE(refused.has_error());
    CHECK(refused.error() == core::failure(core::errc::invalid_field));
  }
}

TEST_CASE("master keys do not give their bytes to what they derive") {
  const auto key = master_key::from_hex(good_key);
  REQUIRE(key.has_value());
  const std::string derived = to_hex(key->derive("code-mac").bytes());
  CHECK(derived != good_key);
  // The value is fixed for ever: another one would orphan every stored MAC and sealed text.
  const std::string raw = from_hex(good_key).value();
  CHECK(derived == to_hex(hkdf_sha256(std::as_bytes(std::span(raw)),
                                      std::as_bytes(std::span("smsauthd key derivation 1"sv)), "code-mac")));
}

TEST_CASE("every label and every period derives a key of its own, always the same") {
  const auto key = master_key::from_hex(good_key);
  REQUIRE(key.has_value());
  std::set<std::string> derived;
  for (const auto label : {"a"sv, "b"sv, "a1"sv, "code-mac"sv}) {
    derived.insert(to_hex(key->derive(label).bytes()));
    for (const std::uint64_t period : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{11}, ~std::uint64_t{0}}) {
      derived.insert(to_hex(key->derive(label, period).bytes()));
    }
  }
  CHECK(derived.size() == 20);
  CHECK(to_hex(key->derive("a").bytes()) == to_hex(key->derive("a").bytes()));
  CHECK(to_hex(key->derive("a", 7).bytes()) == to_hex(key->derive("a", 7).bytes()));
  CHECK(to_hex(master_key::generate().derive("a").bytes()) != to_hex(key->derive("a").bytes()));
}

TEST_CASE("a label that could be taken for another is a bug") {
  const master_key key = master_key::generate();
  CHECK_THROWS_AS(key.derive(""), std::logic_error);
  CHECK_THROWS_AS(key.derive("", 1), std::logic_error);
  CHECK_THROWS_AS(key.derive("a\0001"sv), std::logic_error);
  CHECK_THROWS_AS(key.derive("a\0001"sv, 1), std::logic_error);
}

TEST_CASE("generated master keys are accepted again and never repeat") {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const master_key key = master_key::generate();
    CHECK(accepted(key.to_hex()));
    seen.insert(key.to_hex());
  }
  CHECK(seen.size() == 1000);
}

TEST_CASE("key material leaves no trace where it was") {
  const std::string raw = from_hex(good_key).value();
  const auto bytes = std::as_bytes(std::span(raw)).first<key_bytes>();
  SUBCASE("after a move") {
    key_material first(bytes);
    key_material second(std::move(first));
    CHECK(is_zero(first.bytes()));  // NOLINT(bugprone-use-after-move): that is the question
    CHECK(to_hex(second.bytes()) == good_key);
    key_material third(std::span<const std::byte, key_bytes>(std::as_bytes(std::span(raw)).first<key_bytes>()));
    third = std::move(second);
    CHECK(is_zero(second.bytes()));  // NOLINT(bugprone-use-after-move)
    CHECK(to_hex(third.bytes()) == good_key);
  }
  SUBCASE("after its death") {
    alignas(key_material) std::array<std::byte, sizeof(key_material)> storage{};
    auto* key = new (storage.data()) key_material(bytes);
    CHECK_FALSE(is_zero(storage));
    std::destroy_at(key);
    CHECK(is_zero(storage));
  }
}
