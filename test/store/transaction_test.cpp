#include "store/transaction.hpp"

#include "store/fresh_database.hpp"
#include "store/test_units.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

using namespace smsauth;
using store::int_column;
using store::sql;
using store::text_column;
using store::transaction;
using test::fresh_database;

namespace {

constexpr sql insert{"test.insert", "INSERT INTO sample (id, words, number) VALUES (:p1, :p2, :p3)"};
constexpr sql select_one{"test.select", "SELECT words, number FROM sample WHERE id = :p1"};
constexpr sql select_by_words{"test.by_words", "SELECT id FROM sample WHERE words = :p1 ORDER BY id LIMIT 100"};
constexpr sql select_all{"test.all", "SELECT id FROM sample ORDER BY id LIMIT 100"};
constexpr sql move_number{"test.move", "UPDATE sample SET number = :p1 WHERE id = :p2 AND number = :p3"};
constexpr sql delete_from{"test.delete", "DELETE FROM sample WHERE id >= :p1"};

void create_sample(fresh_database& db) {
  db.outside().run(
      db->flavor() == store::sql_flavor::sqlite
          ? "CREATE TABLE sample (id INTEGER PRIMARY KEY, words TEXT NOT NULL, number INTEGER NOT NULL)"
          : "CREATE TABLE sample (id BIGINT PRIMARY KEY, words VARCHAR(400) NOT NULL, number BIGINT NOT NULL) "
            "CHARACTER SET utf8mb4 COLLATE utf8mb4_bin");
}

const std::vector<std::string> texts{
    "",
    " ",
    "plain",
    "PLAIN",
    "it's",
    "''",
    "say \"x\"",
    "back\\slash",
    "\\",
    "\\'",
    "\\0",
    "a:b :p1 :p2 :x 12:30",
    "?",
    "%_",
    "-- note: x",
    "/* x */ # y",
    "'; DROP TABLE sample; --",
    std::string("nul\0byte", 8),
    std::string("\0", 1),
    "line\r\nfeed\ttab\x1a",
    "中文",
    "é",
    "e\xCC\x81",  // the same letter in two code points is another text
    "😀👨‍👩‍👧",
    "\xEF\xBB\xBF"
    "bom",
    std::string(400, 'x'),
};

}  // namespace

TEST_CASE("every text comes back byte by byte and is found by itself alone") {
  test::on_each_engine([](fresh_database& db) {
    create_sample(db);
    test::write(*db, [](transaction& in) {
      for (std::size_t i = 0; i < texts.size(); ++i)
        CHECK(in.execute(insert, static_cast<std::int64_t>(i), texts[i], 0) == 1);
    });
    const auto check = [](transaction& in) {
      for (std::size_t i = 0; i < texts.size(); ++i) {
        CAPTURE(i);
        const auto row = in.row<std::tuple<text_column, int_column>>(select_one, static_cast<std::int64_t>(i));
        REQUIRE(row.has_value());
        CHECK(std::get<0>(*row) == texts[i]);
        if (texts[i] == " " || texts[i].empty()) continue;  // MariaDB compares as if texts were padded with blanks
        const auto found = in.rows<std::tuple<int_column>>(select_by_words, texts[i]);
        REQUIRE(found.size() == 1);
        CHECK(std::get<0>(found[0]) == static_cast<std::int64_t>(i));
      }
    };
    test::write(*db, check);
    test::read(*db, check);
  });
}

TEST_CASE("whole numbers come back in 64 bits") {
  test::on_each_engine([](fresh_database& db) {
    create_sample(db);
    const std::vector<std::int64_t> numbers{0,
                                            1,
                                            -1,
                                            2'147'483'648,
                                            5'000'000'000,
                                            9'007'199'254'740'991,
                                            std::numeric_limits<std::int64_t>::max(),
                                            std::numeric_limits<std::int64_t>::min()};
    test::write(*db, [&](transaction& in) {
      for (std::size_t i = 0; i < numbers.size(); ++i) {
        CAPTURE(numbers[i]);
        in.execute(insert, static_cast<std::int64_t>(i), "", numbers[i]);
        CHECK(std::get<1>(*in.row<std::tuple<text_column, int_column>>(select_one, static_cast<std::int64_t>(i))) ==
              numbers[i]);
      }
    });
  });
}

TEST_CASE("rows matched are counted, and a compare and set counts once") {
  test::on_each_engine([](fresh_database& db) {
    create_sample(db);
    test::write(*db, [](transaction& in) {
      for (int i = 0; i < 5; ++i)
        CHECK(in.execute(insert, i, "", 7) == 1);
      CHECK(in.execute(move_number, 8, 1, 7) == 1);
      CHECK(in.execute(move_number, 8, 1, 7) == 0);
      CHECK(in.execute(move_number, 8, 1, 8) == 1);  // the same value: matched, though not changed
      CHECK(in.execute(move_number, 8, 99, 7) == 0);
      CHECK(in.execute(delete_from, 2) == 3);
      CHECK(in.execute(delete_from, 2) == 0);
    });
  });
}

TEST_CASE("one prepared text serves many values, and a row that is missing is not the one before") {
  test::on_each_engine([](fresh_database& db) {
    create_sample(db);
    test::write(*db, [](transaction& in) {
      using row = std::tuple<text_column, int_column>;
      in.execute(insert, 1, "one", 11);
      in.execute(insert, 2, "two", 22);
      CHECK(std::get<0>(*in.row<row>(select_one, 1)) == "one");
      CHECK_FALSE(in.row<row>(select_one, 3).has_value());
      CHECK(std::get<0>(*in.row<row>(select_one, 2)) == "two");
      CHECK(in.rows<std::tuple<int_column>>(select_all).size() == 2);
      in.execute(delete_from, 0);
      CHECK(in.rows<std::tuple<int_column>>(select_all).empty());
      CHECK_FALSE(in.row<row>(select_one, 1).has_value());
    });
  });
}

TEST_CASE("a statement that failed works again with the next values") {
  test::on_each_engine([](fresh_database& db) {
    create_sample(db);
    test::write(*db, [](transaction& in) {
      in.execute(insert, 1, "one", 1);
      for (int i = 0; i < 3; ++i) {
        CHECK_THROWS_AS(in.execute(insert, 1, "again", 1), store::sql_error);
        CHECK(in.execute(insert, 10 + i, "next", 1) == 1);
      }
      CHECK(std::get<0>(*in.row<std::tuple<text_column, int_column>>(select_one, 1)) == "one");
      CHECK(in.rows<std::tuple<int_column>>(select_all).size() == 4);
    });
  });
}

TEST_CASE("texts around and beyond the room of a result column come back whole") {
  test::on_each_engine([](fresh_database& db) {
    create_sample(db);
    test::write(*db, [](transaction& in) {
      for (const int length : {0, 1, 127, 128, 129, 400})
        in.execute(insert, length, std::string(static_cast<std::size_t>(length), 'x'), length);
      // Long and short in turn: one buffer serves all rows.
      static constexpr sql all_words{"test.words", "SELECT words, number FROM sample ORDER BY number DESC LIMIT 100"};
      for (const auto& [words, number] : in.rows<std::tuple<text_column, int_column>>(all_words))
        CHECK(words == std::string(static_cast<std::size_t>(number), 'x'));
    });
  });
}

TEST_CASE("a view of nothing is the empty text, and NULL is no value of ours") {
  test::on_each_engine([](fresh_database& db) {
    create_sample(db);
    test::write(*db, [](transaction& in) {
      in.execute(insert, 1, std::string_view(), 7);
      CHECK(in.rows<std::tuple<int_column>>(select_by_words, "").size() == 1);
      CHECK(in.rows<std::tuple<int_column>>(select_by_words, std::string_view()).size() == 1);
      static constexpr sql no_number{"test.null", "SELECT MAX(number) FROM sample WHERE id > :p1"};
      try {
        in.row<std::tuple<int_column>>(no_number, 1);
        FAIL("NULL was taken for a number");
      } catch (const store::sql_error& error) {
        CHECK(error.kind() == store::sql_error_kind::bug);
      }
      CHECK(std::get<0>(*in.row<std::tuple<int_column>>(no_number, 0)) == 7);
    });
  });
}

TEST_CASE("placeholders become question marks outside quotes alone") {
  CHECK(store::with_question_marks("") == "");
  CHECK(store::with_question_marks(":p1") == "?");
  CHECK(store::with_question_marks("a = :p1 AND b IN (:p2, :p13)") == "a = ? AND b IN (?, ?)");
  CHECK(store::with_question_marks("a = ':p1 it''s' AND b = :p1") == "a = ':p1 it''s' AND b = ?");
  CHECK(store::with_question_marks("@a := 12:30 :x") == "@a := 12:30 :x");
}

TEST_CASE("a reading session refuses to write on SQLite") {
  test::on_sqlite([](fresh_database& db) {
    create_sample(db);
    test::unit_batch batch;
    const auto& write = batch.add([](transaction& in) { in.execute(insert, 1, "", 1); });
    db->run_reads(batch.units());
    CHECK(write.failed_with(core::errc::unavailable));
    CHECK(db.outside().number("SELECT COUNT(*) FROM sample") == 0);
  });
}

TEST_CASE("two statements in one text are refused by MariaDB") {
  test::on_mariadb([](fresh_database& db) {
    create_sample(db);
    static constexpr sql two{"test.two", "DELETE FROM sample; DELETE FROM sample"};
    test::unit_batch batch;
    const auto& unit = batch.add([](transaction& in) { in.execute(two); });
    batch.run(*db);
    CHECK(unit.failed_with(core::errc::internal));
  });
}
