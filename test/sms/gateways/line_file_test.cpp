#include "sms/gateways/line_file.hpp"

#include "sms/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <map>
#include <signal.h>
#include <string>
#include <sys/resource.h>
#include <sys/stat.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace smsauth;
using test::content_of;
using test::lines_of;

namespace {

mode_t mode_of(const std::filesystem::path& path) {
  struct stat status = {};
  REQUIRE(::lstat(path.c_str(), &status) == 0);
  return status.st_mode & 07777;
}

/// A disk that is full after `bytes`: the kernel cuts the write that crosses the limit, as it does on a full disk, and
/// refuses the next.
class file_size_limit {
 public:
  explicit file_size_limit(rlim_t bytes) {
    previous_handler_ = ::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &previous_);
    rlimit limit = previous_;
    limit.rlim_cur = bytes;
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~file_size_limit() {
    ::setrlimit(RLIMIT_FSIZE, &previous_);
    ::signal(SIGXFSZ, previous_handler_);
  }
  file_size_limit(const file_size_limit&) = delete;
  file_size_limit& operator=(const file_size_limit&) = delete;

 private:
  rlimit previous_ = {};
  sighandler_t previous_handler_ = SIG_DFL;
};

}  // namespace

TEST_CASE("lines are in the file as soon as append returns") {
  const test::temporary_directory directory;
  sms::line_file file(directory / "lines");
  CHECK(file.append("one"));
  CHECK(content_of(directory / "lines") == "one\n");
  CHECK(file.append("two"));
  CHECK(content_of(directory / "lines") == "one\ntwo\n");
}

TEST_CASE("a new file and its new directories are for the owner alone, whatever the umask") {
  const test::temporary_directory directory;
  const mode_t previous = ::umask(0);
  sms::line_file file(directory / "a/b/lines");
  ::umask(previous);
  CHECK(mode_of(directory / "a") == 0700);
  CHECK(mode_of(directory / "a/b") == 0700);
  CHECK(mode_of(directory / "a/b/lines") == 0600);
}

TEST_CASE("a file that exists is continued and keeps the mode its owner gave it") {
  const test::temporary_directory directory;
  std::ofstream(directory / "lines") << "old\n";
  REQUIRE(::chmod((directory / "lines").c_str(), 0640) == 0);
  sms::line_file file(directory / "lines");
  CHECK(file.append("new"));
  CHECK(content_of(directory / "lines") == "old\nnew\n");
  CHECK(mode_of(directory / "lines") == 0640);
}

TEST_CASE("a line that a crash left without its newline does not swallow the next") {
  const test::temporary_directory directory;
  std::ofstream(directory / "lines") << "whole\nhal";
  sms::line_file file(directory / "lines");
  CHECK(file.append("next"));
  CHECK(file.append("last"));
  CHECK(content_of(directory / "lines") == "whole\nhal\nnext\nlast\n");
}

TEST_CASE("after a rotation, lines go to a new file at once") {
  const test::temporary_directory directory;
  sms::line_file file(directory / "lines");
  CHECK(file.append("one"));
  std::filesystem::rename(directory / "lines", directory / "lines.1");
  CHECK(file.append("two"));
  CHECK(content_of(directory / "lines.1") == "one\n");
  CHECK(content_of(directory / "lines") == "two\n");
}

TEST_CASE("a removed file, or its removed directory, costs no line") {
  const test::temporary_directory directory;
  sms::line_file file(directory / "sub/lines");
  CHECK(file.append("one"));
  std::filesystem::remove(directory / "sub/lines");
  CHECK(file.append("two"));
  CHECK(content_of(directory / "sub/lines") == "two\n");
  std::filesystem::remove_all(directory / "sub");
  CHECK(file.append("three"));
  CHECK(content_of(directory / "sub/lines") == "three\n");
}

TEST_CASE("a truncated file is continued from its start") {
  const test::temporary_directory directory;
  sms::line_file file(directory / "lines");
  CHECK(file.append("one"));
  std::filesystem::resize_file(directory / "lines", 0);
  CHECK(file.append("two"));
  CHECK(content_of(directory / "lines") == "two\n");
}

TEST_CASE("a line that does not fit on the disk fails, and its part does not spoil the next") {
  const test::temporary_directory directory;
  sms::line_file file(directory / "lines");
  {
    const file_size_limit limit(16);
    CHECK(file.append("0123456"));           // bytes 0 to 7
    CHECK_FALSE(file.append("abcdefghij"));  // the first 8 of its 11 bytes fit
    CHECK_FALSE(file.append("never"));
  }
  CHECK(file.append("after"));
  CHECK(content_of(directory / "lines") == "0123456\nabcdefgh\nafter\n");
}

TEST_CASE("what cannot be written when the file is gone fails, and works again later") {
  const test::temporary_directory directory;
  sms::line_file file(directory / "lines");
  std::filesystem::remove(directory / "lines");
  std::filesystem::create_directory(directory / "lines");
  CHECK_FALSE(file.append("one"));
  CHECK_FALSE(file.append("two"));
  std::filesystem::remove(directory / "lines");
  CHECK(file.append("three"));
  CHECK(content_of(directory / "lines") == "three\n");
}

TEST_CASE("a path that is a directory, a pipe, a device or a link is refused with its name") {
  const test::temporary_directory directory;
  std::filesystem::create_directory(directory / "directory");
  REQUIRE(::mkfifo((directory / "pipe").c_str(), 0600) == 0);
  std::ofstream(directory / "elsewhere") << "";
  std::filesystem::create_symlink(directory / "elsewhere", directory / "link");
  for (const auto& path : {directory / "directory", directory / "pipe", directory / "link",
                           std::filesystem::path("/dev/null"), std::filesystem::path()}) {
    CAPTURE(path);
    CHECK_THROWS_AS(sms::line_file{path}, std::system_error);
  }
  try {
    sms::line_file file(directory / "pipe");
  } catch (const std::system_error& error) {
    CHECK(std::string(error.what()).find((directory / "pipe").string()) != std::string::npos);
  }
}

TEST_CASE("lines of many threads and of two openers stay whole and keep each writer's order") {
  const test::temporary_directory directory;
  constexpr int writers = 4;
  constexpr int lines_each = 2000;
  sms::line_file first(directory / "lines");
  sms::line_file second(directory / "lines");
  std::vector<std::thread> threads;
  for (int writer = 0; writer < writers; ++writer) {
    threads.emplace_back([&file = writer % 2 == 0 ? first : second, writer] {
      for (int i = 0; i < lines_each; ++i)
        file.append(std::to_string(writer) + ' ' + std::to_string(i) + ' ' + std::string(200, 'x'));
    });
  }
  for (std::thread& thread : threads)
    thread.join();

  std::map<int, int> next;
  for (const std::string& line : lines_of(directory / "lines")) {
    const int writer = line.at(0) - '0';
    REQUIRE(line == std::to_string(writer) + ' ' + std::to_string(next[writer]) + ' ' + std::string(200, 'x'));
    ++next[writer];
  }
  for (int writer = 0; writer < writers; ++writer)
    CHECK(next[writer] == lines_each);
}
