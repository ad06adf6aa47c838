#include "store/write_ahead_log.hpp"

#include "sms/temporary_directory.hpp"

#include <doctest/doctest.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <chrono>
#include <filesystem>
#include <stop_token>
#include <string>

using namespace smsauth;
using std::chrono::seconds;
using std::chrono::steady_clock;
using store::write_ahead_log;

namespace {

constexpr std::uintmax_t frame_bytes = 4096 + 24;

struct database_file {
  database_file() {
    writer.open(soci::sqlite3, "db=" + path);
    writer << "PRAGMA journal_mode=WAL";
    writer << "CREATE TABLE t (x INTEGER)";
    helper.open(soci::sqlite3, "db=" + path);
    helper << "PRAGMA journal_mode=WAL";  // reads the file: until then it knows of no log
  }
  /// A page each.
  void commit(int times) {
    for (int i = 0; i < times; ++i)
      writer << "INSERT INTO t VALUES (1)";
  }
  std::uintmax_t frames_of_log() const { return std::filesystem::file_size(path + "-wal") / frame_bytes; }

  test::temporary_directory directory;
  std::string path = (directory / "test.db").string();
  soci::session writer;
  soci::session helper;
};

}  // namespace

TEST_CASE("the writer's commits leave the sync to us") {
  database_file file;
  write_ahead_log log;
  CHECK(log.sync());  // nothing attached, nothing to do
  log.attach(file.writer);
  int synchronous = -1;
  file.writer << "PRAGMA synchronous", soci::into(synchronous);
  CHECK(synchronous == 1);  // NORMAL
  file.commit(3);
  CHECK(log.sync());
  CHECK(log.sync());
  CHECK_FALSE(log.failed());
}

TEST_CASE("a database that keeps no write-ahead log syncs by itself") {
  database_file file;
  file.helper.close();
  file.writer << "PRAGMA journal_mode=DELETE";
  write_ahead_log log;
  log.attach(file.writer);
  int synchronous = -1;
  file.writer << "PRAGMA synchronous", soci::into(synchronous);
  CHECK(synchronous == 2);  // FULL
  file.commit(3);
  CHECK(log.sync());
}

TEST_CASE("a log that has grown makes a checkpoint due, and after it is used from its start again") {
  database_file file;
  write_ahead_log log({20, 100'000});
  log.attach(file.writer);
  const std::stop_source stop;
  for (int round = 0; round < 10; ++round) {
    file.commit(30);
    const auto began = steady_clock::now();
    CHECK(log.wait_until_due(stop.get_token(), seconds(60)));
    CHECK(steady_clock::now() - began < seconds(30));
    log.checkpoint(file.helper);
  }
  CHECK(file.frames_of_log() < 100);  // of some 300 that were written
  CHECK(log.sync());
}

TEST_CASE("what the writer adds beside a checkpoint it copies itself") {
  database_file file;
  write_ahead_log log({20, 100'000});
  log.attach(file.writer);
  file.commit(30);
  log.checkpoint(file.helper);
  file.commit(1);  // the log starts again with it, or copies it
  file.commit(1);
  const auto frames = file.frames_of_log();
  file.commit(10);
  CHECK(file.frames_of_log() == frames);
}

TEST_CASE("without anybody who does checkpoints the writer does them") {
  database_file file;
  write_ahead_log log({10, 50});
  log.attach(file.writer);
  file.commit(500);
  CHECK(file.frames_of_log() < 120);
}

TEST_CASE("waiting ends with the time, and with a stop") {
  write_ahead_log log;
  std::stop_source stop;
  CHECK(log.wait_until_due(stop.get_token(), std::chrono::milliseconds(1)));
  stop.request_stop();
  CHECK_FALSE(log.wait_until_due(stop.get_token(), seconds(60)));
}

TEST_CASE("recovering copies everything into the file") {
  database_file file;
  write_ahead_log log;
  log.attach(file.writer);
  file.commit(30);
  CHECK(log.recover(file.writer));
  CHECK_FALSE(log.failed());
  file.commit(1);
  CHECK(log.sync());
  soci::session reader;
  reader.open(soci::sqlite3, "db=" + file.path);
  reader << "BEGIN";  // holds the log: it cannot start again, which recovering needs
  int rows = 0;
  reader << "SELECT count(*) FROM t", soci::into(rows);
  CHECK(rows == 31);
  file.commit(1);
  CHECK_FALSE(log.recover(file.writer));
}
