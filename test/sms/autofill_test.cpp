#include "sms/autofill.hpp"

#include "crypto/hex.hpp"
#include "sms/vector_file.hpp"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>

using namespace smsauth;
using test::text_of;
using test::vectors_of;

namespace {

constexpr const char* app_hash = "3R3SAVOW4Zx";

std::string text_or_empty(const boost::json::value& value) {
  return value.is_null() ? std::string() : text_of(value);
}

}  // namespace

TEST_CASE("messages for browsers are those of the vectors, and are read back") {
  for (const auto& vector : vectors_of("autofill", "origin-bound-code-format")) {
    const auto& in = vector.at("inputs");
    const sms::origin_bound_code code{text_of(in.at("top_level_host")), text_of(in.at("code")),
                                      text_or_empty(in.at("embedded_host"))};
    const std::string message = sms::with_origin_bound_code(text_of(in.at("explanatory_text")), code);
    CHECK(message == text_of(vector.at("expected").at("message")));
    CHECK(sms::parse_origin_bound_code(message) == code);
  }
}

TEST_CASE("a browser's reading of a message is that of the vectors") {
  for (const auto& vector : vectors_of("autofill", "origin-bound-code-parse")) {
    const auto& messages = vector.at("inputs").at("messages").as_array();
    const auto& results = vector.at("expected").at("results").as_array();
    REQUIRE(messages.size() == results.size());
    for (std::size_t i = 0; i < messages.size(); ++i) {
      CAPTURE(i);
      const auto found = sms::parse_origin_bound_code(text_of(messages[i]));
      REQUIRE(found.has_value() == !results[i].is_null());
      if (!found) continue;
      CHECK(found->host == text_of(results[i].at("host")));
      CHECK(found->code == text_of(results[i].at("code")));
      CHECK(found->embedded == text_or_empty(results[i].at("embedded")));
    }
  }
}

TEST_CASE("the hash of an Android app is that of the vectors") {
  for (const auto& vector : vectors_of("autofill", "android-sms-retriever-hash")) {
    const auto& in = vector.at("inputs");
    const auto certificate = crypto::from_hex(text_of(in.at("signing_cert_der_hex")));
    REQUIRE(certificate.has_value());
    const std::string hash = sms::android_app_hash(text_of(in.at("package_name")), *certificate);
    CHECK(hash == text_of(vector.at("expected").at("hash")));
    CHECK(sms::is_android_app_hash(hash));
  }
}

TEST_CASE("only the last line counts, whichever way lines end") {
  const sms::origin_bound_code code{"example.com", "12", ""};
  for (const char* const end : {"\n", "\r\n", "\r"})
    CHECK(sms::parse_origin_bound_code(std::string("text") + end + "@example.com #12") == code);
  CHECK_FALSE(sms::parse_origin_bound_code("@example.com #12\n").has_value());
  CHECK_FALSE(sms::parse_origin_bound_code("@example.com #12\nmore").has_value());
  CHECK(sms::parse_origin_bound_code("@example.com #12 more") == code);
  CHECK(sms::parse_origin_bound_code("@example.com #12 %") == code);
  CHECK(sms::parse_origin_bound_code("@example.com #12\tmore") == code);
}

TEST_CASE("a line with fields missing, doubled blanks or nothing behind its signs is no code") {
  for (const char* const bad :
       {"", "@", "@example.com", "@example.com ", "@example.com #", "@example.com  #12", "@ #12", "@example.com\t#12",
        " @example.com #12", "@example.com # 12", "#12", "example.com #12", "@example.com 12"}) {
    CAPTURE(bad);
    CHECK_FALSE(sms::parse_origin_bound_code(bad).has_value());
  }
}

TEST_CASE("line ends behind the text do not become a gap, and a text may be missing") {
  CHECK(sms::with_origin_bound_code("a\r\n\n", {"x.cn", "1", ""}) == "a\n\n@x.cn #1");
  CHECK(sms::with_origin_bound_code("", {"x.cn", "1", ""}) == "@x.cn #1");
}

TEST_CASE("what cannot stand in the line is refused") {
  for (const char* const bad : {"", "https://x.cn", "x.cn:443", "x cn", "x..cn", ".x.cn", "x.cn.", "-x.cn", "x-.cn",
                                "x_y.cn", "例.cn", "x.cn/", "x\n.cn", "@x.cn"}) {
    CAPTURE(bad);
    CHECK_FALSE(sms::is_autofill_host(bad));
    CHECK_THROWS_AS(sms::with_origin_bound_code("t", {bad, "1", ""}), std::invalid_argument);
    const bool none = std::string_view(bad).empty();
    if (!none) CHECK_THROWS_AS(sms::with_origin_bound_code("t", {"x.cn", "1", bad}), std::invalid_argument);
  }
  CHECK_FALSE(sms::is_autofill_host(std::string(64, 'a') + ".cn"));
  CHECK(sms::is_autofill_host(std::string(63, 'a') + ".cn"));
  CHECK_FALSE(sms::is_autofill_host(std::string(126, 'a').replace(63, 1, ".") + "." + std::string(127, 'b')));
  for (const char* const bad : {"", "1 2", "1\n2", "1\t"})
    CHECK_THROWS_AS(sms::with_origin_bound_code("t", {"x.cn", bad, ""}), std::invalid_argument);
}

TEST_CASE("an app hash is eleven characters of base 64") {
  CHECK(sms::is_android_app_hash("ab+/0123456"));
  for (const char* const bad : {"", "3R3SAVOW4Z", "3R3SAVOW4Zxx", "3R3SAVOW4Z=", "3R3SAVOW4Z-", "3R3SAVOW Zx"})
    CHECK_FALSE(sms::is_android_app_hash(bad));
}

TEST_CASE("the app hash stands on its own line before the browsers' line") {
  CHECK(sms::autofill_text("code 12", "12", {}) == "code 12");
  CHECK(sms::autofill_text("code 12", "12", {"x.cn", "", ""}) == "code 12\n\n@x.cn #12");
  CHECK(sms::autofill_text("code 12\n", "12", {"", "", app_hash}) == "code 12\n3R3SAVOW4Zx");
  CHECK(sms::autofill_text("code 12", "12", {"x.cn", "y.cn", app_hash}) == "code 12\n3R3SAVOW4Zx\n\n@x.cn #12 %y.cn");
  CHECK_THROWS_AS(sms::autofill_text("code 12", "12", {"", "", "short"}), std::invalid_argument);
}

TEST_CASE("the app hash is left out of a message that the retriever would not read") {
  const std::size_t hash_line = 1 + sms::android_hash_length;
  const std::string longest(sms::sms_retriever_bytes - hash_line, 'a');
  CHECK(sms::autofill_text(longest, "12", {"", "", app_hash}) == longest + "\n" + app_hash);
  CHECK(sms::autofill_text(longest + "a", "12", {"", "", app_hash}) == longest + "a");
  CHECK(sms::autofill_text(longest, "12", {"x.cn", "", app_hash}) == longest + "\n\n@x.cn #12");

  std::string chinese;
  for (std::size_t i = 0; i < sms::sms_retriever_bytes / 2 - hash_line; ++i)
    chinese += "码";
  CHECK(sms::autofill_text(chinese, "12", {"", "", app_hash}) == chinese + "\n" + app_hash);
  CHECK(sms::autofill_text(chinese + "码", "12", {"", "", app_hash}) == chinese + "码");
}
