#include "store/multi_row.hpp"

#include "store/fresh_database.hpp"
#include "store/test_units.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

using namespace smsauth;
using store::argument;
using store::argument_list;
using store::multi_row;
using store::transaction;

TEST_CASE("each length has its text, the same at every call") {
  const multi_row statement("test", "a IN ({}) AND b IN ({})", "b = {}", "?");
  CHECK(std::string(statement.with_elements(1).sqlite) == "a IN (?) AND b IN (?)");
  CHECK(std::string(statement.with_elements(3).sqlite) == "a IN (?, ?, ?) AND b IN (?, ?, ?)");
  CHECK(std::string(statement.with_elements(3).mysql) == "b = ?, ?, ?");
  for (const std::size_t count : store::element_counts) {
    CAPTURE(count);
    const std::string text = statement.with_elements(count).mysql;
    CHECK(static_cast<std::size_t>(std::count(text.begin(), text.end(), '?')) == count);
    CHECK(statement.with_elements(count).mysql == statement.with_elements(count).mysql);  // the cache goes by address
  }
  CHECK_THROWS(statement.with_elements(65));
}

TEST_CASE("rows go in few parts, keys in parts that are filled up") {
  CHECK(store::longest_part(1) == 1);
  CHECK(store::longest_part(16) == 16);
  CHECK(store::longest_part(23) == 16);
  CHECK(store::longest_part(63) == 48);
  CHECK(store::longest_part(1000) == 64);
  std::vector<int> keys(70);
  std::vector<std::size_t> parts;
  store::for_parts(multi_row("test", "{}", "?"), std::span<int>(keys),
                   [&](const store::sql& /*text*/, std::span<int> part, std::size_t elements) {
                     parts.insert(parts.end(), {part.size(), elements});
                   });
  CHECK(parts == std::vector<std::size_t>{64, 64, 6, 8});
  argument_list values;
  store::append_filled(
      values, std::span<int>(keys).first(3), [](int key) { return std::int64_t{key} + 7; }, 4);
  CHECK(values.size() == 4);
  CHECK(values.back().number == 7);
}

TEST_CASE("what an INSERT of many rows says it wrote") {
  test::on_each_engine([](test::fresh_database& db) {
    const multi_row upsert("test", "INSERT INTO sequence (name, next_value) VALUES {} ON CONFLICT (name) DO NOTHING",
                           "INSERT INTO sequence (name, next_value) VALUES {} ON DUPLICATE KEY UPDATE "
                           "next_value = IF(VALUES(next_value) > next_value, VALUES(next_value), next_value)",
                           "(?, ?)");
    struct row {
      std::string name;
      std::int64_t value;
    };
    const auto insert = [&](transaction& in, std::vector<row> rows) {
      return store::insert_rows(in, upsert, std::span<row>(rows), [](const row& each, argument_list& to) {
        to.insert(to.end(), {argument(each.name), argument(each.value)});
      });
    };
    const bool mysql = db.settings().flavor == store::sql_flavor::mysql;
    test::write(*db, [&](transaction& in) {
      const auto fresh = insert(in, {{"a", 5}, {"b", 5}, {"c", 5}});
      const auto mixed = insert(in, {{"a", 9}, {"b", 1}, {"d", 1}});  // changed, left alone, new
      const auto none = insert(in, {{"a", 1}, {"b", 1}});
      const auto one = insert(in, {{"e", 1}});
      std::vector<row> many;
      for (int i = 0; i < 150; ++i)
        many.push_back({"many" + std::to_string(i), i});
      const auto all = insert(in, many);
      CHECK_FALSE(one.has_value());  // the server says it of several rows only
      if (mysql) {
        CHECK(fresh == 3);
        CHECK(mixed == 2);
        CHECK(none == 0);
        CHECK(all == 150);
      } else {
        CHECK_FALSE(fresh.has_value());
      }
    });
    CHECK(db.outside().number("SELECT COUNT(*) FROM sequence WHERE name LIKE 'many%'") == 150);
    CHECK(db.outside().number("SELECT next_value FROM sequence WHERE name = 'a'") == (mysql ? 9 : 5));
  });
}
