#include "store/write_ahead_log.hpp"

#include "sms/temporary_directory.hpp"
#include "store/database.hpp"
#include "store/migration.hpp"
#include "store/test_units.hpp"

#include <doctest/doctest.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stop_token>
#include <string>
#include <thread>

using namespace smsauth;
using std::chrono::seconds;
using std::chrono::steady_clock;
using store::write_ahead_log;

namespace {

constexpr std::uintmax_t frame_bytes = 4096 + 24;
constexpr std::chrono::milliseconds no_pause{0};

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
  static std::string bytes_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::string bytes() const { return bytes_of(path); }
  std::string bytes_of_log() const { return bytes_of(path + "-wal"); }
  std::uintmax_t frames_of_log() const { return std::filesystem::file_size(path + "-wal") / frame_bytes; }

  test::temporary_directory directory;
  std::string path = (directory / "test.db").string();
  soci::session writer;
  soci::session helper;
};

// Instead of fdatasync: counts, and fails when it is told to.
struct counted_sync {
  write_ahead_log::sync_function function() {
    return [this](int) {
      ++calls;
      errno = EIO;
      return fails ? -1 : 0;
    };
  }
  int calls = 0;
  bool fails = false;
};

}  // namespace

TEST_CASE("the writer's commits leave the sync to us, and one is for all of them") {
  database_file file;
  counted_sync disk;
  write_ahead_log log({}, disk.function());
  CHECK(log.sync());  // nothing attached, nothing to do
  log.attach(file.writer);
  int synchronous = -1;
  file.writer << "PRAGMA synchronous", soci::into(synchronous);
  CHECK(synchronous == 1);  // NORMAL
  CHECK(log.sync());
  CHECK(disk.calls == 0);
  file.commit(3);
  CHECK(log.sync());
  CHECK(disk.calls == 1);
  CHECK(log.sync());
  file.writer << "DELETE FROM t WHERE x = 2";  // changes nothing
  CHECK(log.sync());
  CHECK(disk.calls == 1);
  file.commit(1);
  CHECK(log.sync());
  CHECK(disk.calls == 2);
}

TEST_CASE("a database that keeps no write-ahead log syncs by itself") {
  database_file file;
  file.helper.close();
  file.writer << "PRAGMA journal_mode=DELETE";
  counted_sync disk;
  write_ahead_log log({}, disk.function());
  log.attach(file.writer);
  int synchronous = -1;
  file.writer << "PRAGMA synchronous", soci::into(synchronous);
  CHECK(synchronous == 2);  // FULL
  file.commit(3);
  CHECK(log.sync());
  CHECK(disk.calls == 0);
}

TEST_CASE("after a failed sync all fail, and nothing is copied, until the frames were written and synced again") {
  database_file file;
  counted_sync disk;
  write_ahead_log log({20, 40, no_pause}, disk.function());
  log.attach(file.writer);
  file.commit(5);
  CHECK(log.sync());
  disk.fails = true;
  file.commit(30);
  CHECK_FALSE(log.sync());
  CHECK(log.failed());
  CHECK_FALSE(log.sync());
  CHECK(disk.calls == 2);  // asked once, not again
  const std::string before = file.bytes();
  log.checkpoint(file.helper);
  file.commit(30);  // no more than the hook sees: the service begins no transaction now
  log.checkpoint(file.helper);
  CHECK(file.bytes() == before);
  CHECK_FALSE(log.recover());
  CHECK(log.failed());
  disk.fails = false;
  const std::string frames = file.bytes_of_log();
  CHECK(log.recover());
  CHECK_FALSE(log.failed());
  CHECK(disk.calls == 4);
  CHECK(file.bytes_of_log() == frames);
  CHECK(log.sync());
  CHECK(disk.calls == 4);  // nothing new
  file.commit(1);
  CHECK(log.sync());
  log.checkpoint(file.helper);
  CHECK(file.bytes() != before);
}

TEST_CASE("a disk that keeps failing is not written to at every try") {
  database_file file;
  counted_sync disk;
  write_ahead_log log({20, 40, std::chrono::hours(1)}, disk.function());
  log.attach(file.writer);
  file.commit(5);
  disk.fails = true;
  CHECK_FALSE(log.sync());
  CHECK_FALSE(log.recover());
  disk.fails = false;
  for (int i = 0; i < 10; ++i)
    CHECK_FALSE(log.recover());
  CHECK(disk.calls == 2);
}

TEST_CASE("a damaged frame is not taken for whole") {
  database_file file;
  counted_sync disk;
  write_ahead_log log({20, 40, no_pause}, disk.function());
  log.attach(file.writer);
  file.commit(10);
  disk.fails = true;
  CHECK_FALSE(log.sync());
  disk.fails = false;
  const std::string whole = file.bytes_of_log();
  for (const std::uintmax_t at :
       {std::uintmax_t{0}, std::uintmax_t{20}, 32 + 4 * frame_bytes + 10, 32 + 9 * frame_bytes}) {
    std::fstream damaged(file.path + "-wal", std::ios::binary | std::ios::in | std::ios::out);
    damaged.seekp(static_cast<std::streamoff>(at));
    damaged.put(static_cast<char>(whole[at] ^ 1));
    damaged.close();
    CHECK_FALSE(log.recover());
    CHECK(log.failed());
    std::ofstream(file.path + "-wal", std::ios::binary | std::ios::in)
        .write(whole.data(), static_cast<std::streamsize>(whole.size()));
  }
  CHECK(log.recover());
}

TEST_CASE("a log that was started again beside a sync that failed is whole without its old frames") {
  database_file file;
  counted_sync disk;
  write_ahead_log log({20, 40, no_pause}, disk.function());
  log.attach(file.writer);
  file.commit(30);
  log.checkpoint(file.helper);
  disk.fails = true;
  CHECK_FALSE(log.sync());
  disk.fails = false;
  // What SQLite does first in the COMMIT that starts the log again; the disk fails it there.
  const std::string before = file.bytes_of_log();
  {
    soci::session other;
    other.open(soci::sqlite3, "db=" + file.path);
    other << "INSERT INTO t VALUES (2)";
  }
  const std::string header = file.bytes_of_log().substr(0, 32);
  CHECK(header != before.substr(0, 32));
  std::ofstream(file.path + "-wal", std::ios::binary | std::ios::in) << header << before.substr(32);
  CHECK(log.recover());
}

TEST_CASE("a database whose sync failed leaves its log to the next start, which takes what is whole") {
  const test::temporary_directory directory;
  const std::string path = (directory / "test.db").string();
  const auto rows = [&] {
    soci::session reader;
    reader.open(soci::sqlite3, "db=" + path);
    std::string sound;
    reader << "PRAGMA integrity_check", soci::into(sound);
    CHECK(sound == "ok");
    int count = 0;
    reader << "SELECT count(*) FROM sequence WHERE name LIKE 'row%'", soci::into(count);
    return count;
  };
  counted_sync disk;
  store::database_settings settings;
  settings.path = path;
  {
    store::database database(settings, disk.function());
    database.open();
    store::migrate(database);
    database.admit_units();
    const auto write = [&](int number) {
      test::unit_batch batch;
      auto& one = batch.add([number](store::transaction& in) {
        static constexpr store::sql insert{"test.insert", "INSERT INTO sequence (name, next_value) VALUES (:p1, 1)"};
        in.execute(insert, "row" + std::to_string(number));
      });
      batch.run(database);
      database.make_durable(batch.units());
      return one.succeeded();
    };
    for (int i = 0; i < 5; ++i)
      CHECK(write(i));
    CHECK(database.answers());
    disk.fails = true;
    CHECK_FALSE(write(5));
    CHECK_FALSE(write(6));  // nor is anything begun
    CHECK_FALSE(database.answers());
    database.checkpoint();
    // The last page that the kernel has lost is read from the disk again.
    const auto size = std::filesystem::file_size(path + "-wal");
    std::fstream log(path + "-wal", std::ios::binary | std::ios::in | std::ios::out);
    const std::string all = database_file::bytes_of(path + "-wal");
    const std::size_t at = all.find("row5");
    REQUIRE(at != std::string::npos);
    log.seekp(static_cast<std::streamoff>(at));
    log << "lost";
    log.close();
    CHECK(std::filesystem::file_size(path + "-wal") == size);
  }
  CHECK(rows() == 5);
}

TEST_CASE("after the disk is back the checkpoint makes the log whole, with nobody asking for a write") {
  const test::temporary_directory directory;
  counted_sync disk;
  store::database_settings settings;
  settings.path = (directory / "test.db").string();
  store::database database(settings, disk.function());
  database.open();
  store::migrate(database);
  database.admit_units();
  disk.fails = true;
  test::unit_batch batch;
  batch.add([](store::transaction& in) {
    static constexpr store::sql insert{"test.insert", "INSERT INTO sequence (name, next_value) VALUES ('row', 1)"};
    in.execute(insert);
  });
  batch.run(database);
  database.make_durable(batch.units());
  CHECK_FALSE(database.answers());
  disk.fails = false;
  database.checkpoint();
  CHECK(database.answers());
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
  file.commit(2);  // the log starts again with one of them
  const auto frames = file.frames_of_log();
  file.commit(10);
  CHECK(file.frames_of_log() == frames);
}

TEST_CASE("no checkpoint begins on a log that the next commit may start again") {
  database_file file;
  write_ahead_log log;
  log.attach(file.writer);
  file.commit(10);
  log.checkpoint(file.helper);  // complete
  std::string copied = file.bytes();
  log.checkpoint(file.helper);
  file.commit(1);
  log.checkpoint(file.helper);
  CHECK(file.bytes() == copied);  // the one commit since may have been in it already
  file.commit(1);
  log.checkpoint(file.helper);
  CHECK(file.bytes() != copied);
}

TEST_CASE("without anybody who does checkpoints the writer does them") {
  database_file file;
  write_ahead_log log({10, 50});
  log.attach(file.writer);
  file.commit(500);
  CHECK(file.frames_of_log() < 120);
}

TEST_CASE("growing extends the log once and starts it over") {
  database_file file;
  write_ahead_log log;
  log.attach(file.writer);
  log.grow(file.writer);
  const auto frames = file.frames_of_log();
  CHECK(frames > 1000);
  file.commit(100);
  CHECK(file.frames_of_log() == frames);
}

TEST_CASE("waiting ends with the time, and with a stop") {
  write_ahead_log log;
  std::stop_source stop;
  CHECK(log.wait_until_due(stop.get_token(), std::chrono::milliseconds(1)));
  stop.request_stop();
  CHECK_FALSE(log.wait_until_due(stop.get_token(), seconds(60)));
}

TEST_CASE("a writer, checkpoints and syncs beside each other leave a sound file") {
  database_file file;
  write_ahead_log log({50, 200});
  log.attach(file.writer);
  std::stop_source stop;
  std::thread copies([&] {
    while (log.wait_until_due(stop.get_token(), std::chrono::milliseconds(1)))
      log.checkpoint(file.helper);
  });
  std::atomic<bool> all_synced{true};
  std::thread syncs([&] {
    while (!stop.stop_requested()) {
      if (!log.sync()) all_synced = false;
    }
  });
  constexpr int rows_written = 3000;
  file.commit(rows_written);
  stop.request_stop();
  copies.join();
  syncs.join();
  CHECK(all_synced);
  int rows = 0;
  file.helper << "SELECT count(*) FROM t", soci::into(rows);
  CHECK(rows == rows_written);
  std::string sound;
  file.helper << "PRAGMA integrity_check", soci::into(sound);
  CHECK(sound == "ok");
}
