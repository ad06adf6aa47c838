#include "sms/section.hpp"

#include "sms/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>

using smsauth::sms::section;
using smsauth::sms::section_error;
namespace core = smsauth::core;

namespace {

std::string key_refused(section& from, void (*use)(section&)) {
  try {
    use(from);
  } catch (const section_error& error) {
    return error.key();
  }
  return "nothing refused";
}

}  // namespace

TEST_CASE("a gateway's section: typed values, ranges, and every key known") {
  section keys("ali", {{"a", "text"}, {"n", "7"}, {"f", "on"}, {"c", "two"}});
  CHECK(keys.required_text("a") == "text");
  CHECK(keys.text("absent", "fallback") == "fallback");
  CHECK(keys.integer("n", 1, 1, 9) == 7);
  CHECK(keys.integer("absent", 3, 1, 9) == 3);
  CHECK(keys.flag("f", false));
  CHECK(keys.choice("c", "one|two") == "two");
  CHECK(keys.choice("absent", "one|two") == "one");
  CHECK_NOTHROW(keys.done());
}

TEST_CASE("a gateway's section refuses what is missing, unknown or out of range, by its key") {
  section keys("ali", {{"n", "10"}, {"m", "7x"}, {"f", "yes"}, {"c", "three"}, {"left", "over"}, {"empty", ""}});
  CHECK(key_refused(keys, [](section& s) { s.required_text("absent"); }) == "absent");
  CHECK(key_refused(keys, [](section& s) { s.required_text("empty"); }) == "empty");
  CHECK(key_refused(keys, [](section& s) { s.integer("n", 1, 1, 9); }) == "n");
  CHECK(key_refused(keys, [](section& s) { s.integer("m", 1, 1, 9); }) == "m");
  CHECK(key_refused(keys, [](section& s) { s.flag("f", true); }) == "f");
  CHECK(key_refused(keys, [](section& s) { s.choice("c", "one|two"); }) == "c");
  CHECK(key_refused(keys, [](section& s) { s.required_secret("absent"); }) == "absent");
  CHECK(key_refused(keys, [](section& s) { s.done(); }) == "left");
}

TEST_CASE("a secret comes from the section, a file or the environment, and from one of them only") {
  const smsauth::test::temporary_directory directory;
  const std::string path = (directory / "secret").string();
  std::ofstream(path) << "from a file\nsecond line\n";
  ::setenv("SMSAUTHD_TEST_SECTION_SECRET", "from the environment", 1);
  section keys("x", {{"p", "plain"},
                     {"q-file", path},
                     {"r-env", "SMSAUTHD_TEST_SECTION_SECRET"},
                     {"s-file", path + "-"},
                     {"t-env", "SMSAUTHD_TEST_NOT_SET"},
                     {"u", "1"},
                     {"u-file", path}});
  CHECK(keys.required_secret("p") == "plain");
  CHECK(keys.required_secret("q") == "from a file");
  CHECK(keys.required_secret("r") == "from the environment");
  CHECK(keys.secret("none").empty());
  CHECK(key_refused(keys, [](section& s) { s.secret("s"); }) == "s-file");
  CHECK(key_refused(keys, [](section& s) { s.secret("t"); }) == "t-env");
  CHECK(key_refused(keys, [](section& s) { s.secret("u"); }) == "u");
}

TEST_CASE("per purpose and language the most exact key wins") {
  section keys("x", {{"t", "any"}, {"t.zh", "zh"}, {"t.login", "login"}, {"t.login.zh", "login zh"}});
  CHECK(keys.per_purpose("t", core::purpose::login, "zh") == "login zh");
  CHECK(keys.per_purpose("t", core::purpose::login, "en") == "login");
  CHECK(keys.per_purpose("t", core::purpose::bind, "zh") == "zh");
  CHECK(keys.per_purpose("t", core::purpose::bind, "en") == "any");
  CHECK(keys.per_purpose("other", core::purpose::bind, "en").empty());
  CHECK_NOTHROW(keys.done());
}
