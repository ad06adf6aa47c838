#include "sms/message_text.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>

using namespace smsauth;
using core::purpose;

namespace {

constexpr std::array all_notices{sms::notice::password_reset, sms::notice::number_removed, sms::notice::number_added};

std::size_t code_points(std::string_view utf8) {
  return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

/// Septets in the GSM 03.38 alphabet: brackets take two. Printable ASCII without the backtick, all we use, is in it.
std::size_t septets(std::string_view ascii) {
  return ascii.size() + static_cast<std::size_t>(std::count_if(ascii.begin(), ascii.end(), [](char c) {
           return std::string_view{"[]{}\\^~|"}.find(c) != std::string_view::npos;
         }));
}

sms::text_settings longest_signature() {
  sms::text_settings settings;
  settings.signature = std::string(20, 'W');
  return settings;
}

}  // namespace

TEST_CASE("Chinese is for the regions CN, HK, MO and TW") {
  for (const std::string_view region : {"CN", "HK", "MO", "TW"})
    CHECK(sms::language_of(region) == "zh");
  for (const std::string_view region : {"SG", "PH", "US", "cn", "", "CNN"})
    CHECK(sms::language_of(region) == "en");
}

TEST_CASE("a code's message has the signature, the code, its purpose and its life") {
  const sms::text_settings settings;
  CHECK(sms::message_text(purpose::login, "zh", "483920", 300, settings) ==
        "【smsauthd】验证码483920，用于登录，5分钟内有效。请勿告诉他人，如非本人操作请忽略。");
  CHECK(sms::message_text(purpose::reset_pay_password, "en", "483920", 300, settings) ==
        "[smsauthd] Code 483920 to reset your pay password, valid for 5 minutes. Tell it to nobody. Not you? Ignore "
        "this.");
}

TEST_CASE("the life of a code is told in whole minutes that never promise too much, but at least one") {
  struct row {
    std::int64_t seconds;
    std::string_view zh;
    std::string_view en;
  };
  for (const row& r : {row{300, "，5分钟", "for 5 minutes."}, row{180, "，3分钟", "for 3 minutes."},
                       row{179, "，2分钟", "for 2 minutes."}, row{119, "，1分钟", "for 1 minute."},
                       row{60, "，1分钟", "for 1 minute."}, row{59, "，1分钟", "for 1 minute."},
                       row{0, "，1分钟", "for 1 minute."}, row{-5, "，1分钟", "for 1 minute."}}) {
    CAPTURE(r.seconds);
    CHECK(sms::message_text(purpose::login, "zh", "1", r.seconds, {}).find(r.zh) != std::string::npos);
    CHECK(sms::message_text(purpose::login, "en", "1", r.seconds, {}).find(r.en) != std::string::npos);
  }
}

TEST_CASE("every purpose has words of its own in both languages") {
  for (const std::string_view language : {"zh", "en"}) {
    std::set<std::string> texts;
    for (const purpose why : core::all_purposes)
      texts.insert(sms::message_text(why, language, "483920", 300, {}));
    CHECK(texts.size() == core::all_purposes.size());
  }
}

TEST_CASE("a language that we do not have is English") {
  CHECK(sms::message_text(purpose::bind, "fr", "483920", 300, {}) ==
        sms::message_text(purpose::bind, "en", "483920", 300, {}));
}

TEST_CASE("a message fits one segment") {
  const sms::text_settings settings = longest_signature();
  for (const purpose why : core::all_purposes) {
    CAPTURE(core::to_string(why));
    CHECK(code_points(sms::message_text(why, "zh", "483920", 600, settings)) <= 70);
    CHECK(septets(sms::message_text(why, "en", "483920", 600, settings)) <= 160);
  }
  for (const sms::notice kind : all_notices) {
    CHECK(code_points(sms::notice_text(kind, "zh", settings)) <= 70);
    CHECK(septets(sms::notice_text(kind, "en", settings)) <= 160);
  }
}

TEST_CASE("English messages are plain ASCII, which costs 7 bits a character") {
  for (const purpose why : core::all_purposes) {
    const std::string text = sms::message_text(why, "en", "483920", 300, {});
    CHECK(std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c <= 0x7e && c != '`'; }));
  }
}

TEST_CASE("each notice says what happened, in both languages") {
  CHECK(sms::notice_text(sms::notice::password_reset, "zh", {}) ==
        "【smsauthd】您的登录密码已重置，所有设备已退出登录。如非本人操作，请立即联系客服。");
  for (const std::string_view language : {"zh", "en"}) {
    std::set<std::string> texts;
    for (const sms::notice kind : all_notices)
      texts.insert(sms::notice_text(kind, language, {}));
    CHECK(texts.size() == all_notices.size());
  }
}

TEST_CASE("an operator's own words replace ours, for one purpose and language or for all") {
  sms::section keys("texts", {{"signature", "Acme"},
                              {"text", "{signature}: {code} ({minutes} min)"},
                              {"text.login.zh", "\u3010{signature}\u3011{code}"},
                              {"web-otp.login", "login.example.com"},
                              {"android-hash.login.en", "FA+9qCX9VSu"}});
  const sms::text_settings own = sms::read_texts(keys);
  const auto text = [&](core::purpose why, std::string_view language) {
    return sms::message_text(why, language, "123456", 300, own);
  };
  CHECK(text(core::purpose::verify, "zh") == "Acme: 123456 (5 min)");
  CHECK(text(core::purpose::login, "zh") == "\u3010Acme\u3011123456\n\n@login.example.com #123456");
  CHECK(text(core::purpose::login, "en") == "Acme: 123456 (5 min)\nFA+9qCX9VSu\n\n@login.example.com #123456");
}

TEST_CASE("our own words take the autofill lines too") {
  sms::section keys("texts", {{"web-otp", "example.com"}});
  const std::string text = sms::message_text(core::purpose::login, "en", "654321", 300, sms::read_texts(keys));
  CHECK(text.find("Code 654321 ") != std::string::npos);
  CHECK(text.ends_with("\n\n@example.com #654321"));
}

TEST_CASE("texts that could not carry a code, or say something that is not filled in, are refused") {
  const struct {
    std::string key;
    std::string value;
  } table[] = {
      {"text", "no code"},       {"text.login", "{code} {name}"}, {"text", "{code"},        {"text", "code} {code}"},
      {"text", "{}{code}"},      {"web-otp", "https://a.com"},    {"web-otp", "a.com:443"},

      {"android-hash", "short"}, {"android-hash", "FA+9qCX9VS "}, {"signature", ""},        {"text.nobody", "{code}"},
      {"colour", "red"},
  };
  for (const auto& row : table) {
    CAPTURE(row.value);
    sms::section keys("texts", {{row.key, row.value}});
    CHECK_THROWS_AS(sms::read_texts(keys), sms::section_error);
  }
}
