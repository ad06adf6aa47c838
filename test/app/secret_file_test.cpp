#include "app/secret_file.hpp"

#include "app/parsed.hpp"

#include <doctest/doctest.h>

#include <barrier>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace smsauth::app;
using namespace smsauth::app::testing;

namespace {

const std::string key = "00112233445566778899aabbccddeeff0123456789abcdefFEDCBA9876543210";

settings with_secret(const std::string& profile, const std::string& path) {
  return parsed({"--profile", profile, "--db", "sqlite:x.db", "--sms", "log:", "--secret-file", path});
}

/// The key, or the operator's line.
std::string loaded(const std::string& profile, const std::string& path) {
  try {
    return load_or_create_secret(with_secret(profile, path));
  } catch (const configuration_error& error) {
    return error.what();
  }
}

std::string private_file(const scratch_folder& folder, const std::string& name, const std::string& text,
                         ::mode_t mode = 0600) {
  const std::string path = folder.file(name, text);
  REQUIRE(::chmod(path.c_str(), mode) == 0);
  return path;
}

::mode_t mode_of(const std::string& path) {
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777U;
}

std::size_t entries(const std::string& folder) {
  return static_cast<std::size_t>(
      std::distance(std::filesystem::directory_iterator(folder), std::filesystem::directory_iterator()));
}

}  // namespace

TEST_CASE("a private file with 64 hex digits is a key in every profile") {
  const scratch_folder folder;
  for (const char* profile : {"dev", "standard", "strict"}) {
    CHECK(loaded(profile, private_file(folder, "a", key + "\n")) == key);
    CHECK(loaded(profile, private_file(folder, "b", key)) == key);
    CHECK(loaded(profile, private_file(folder, "c", key, 0400)) == key);
  }
}

TEST_CASE("a file that is no key is refused and not shown") {
  const scratch_folder folder;
  const std::vector<std::string> texts{"",
                                       "\n",
                                       key.substr(1),
                                       key + "0",
                                       key + "\n\n",
                                       key + "\r\n",
                                       " " + key,
                                       key.substr(1) + "g",
                                       key.substr(1) + std::string(1, '\0'),
                                       key + "\n" + key + "\n",
                                       "secret"};
  for (const std::string& text : texts) {
    CAPTURE(text);
    CHECK(loaded("dev", private_file(folder, "k", text)) ==
          "secret-file (flag): expected a key of 64 hex digits (openssl rand -hex 32)");
  }
}

TEST_CASE("outside dev nobody else may read the key") {
  const scratch_folder folder;
  for (const ::mode_t mode : {0640U, 0604U, 0660U, 0610U, 0601U, 0644U, 0777U}) {
    CAPTURE(mode);
    const std::string path = private_file(folder, "k", key, mode);
    for (const char* profile : {"standard", "strict"}) {
      CHECK(loaded(profile, path) == "secret-file (flag): expected mode 0600 (chmod 600): the key is open to others");
    }
    const bool others_write = (mode & 022U) != 0;
    CHECK((loaded("dev", path) == key) == !others_write);
  }
}

TEST_CASE("a credential of systemd is root's with the group's bits of its access list, and only where systemd says") {
  REQUIRE(::geteuid() == 0);  // the suite runs as root; the file must be root's
  const scratch_folder folder;
  const std::string path = private_file(folder, "secret.key", key, 0440);
  const std::string directory = std::filesystem::path(path).parent_path();
  const auto loaded_with = [&](const std::string& credentials) -> std::string {
    settings config = with_secret("standard", path);
    config.credentials_directory = credentials;
    try {
      return load_or_create_secret(config);
    } catch (const configuration_error& error) {
      return error.what();
    }
  };
  CHECK(loaded_with(directory) == key);
  for (const auto& elsewhere : {std::string(), directory + "/inner", std::string("/")})
    CHECK(loaded_with(elsewhere).find("expected mode 0600") != std::string::npos);
  REQUIRE(::chmod(path.c_str(), 0444) == 0);
  CHECK(loaded_with(directory).find("expected mode 0600") != std::string::npos);
}

TEST_CASE("links, folders and pipes are no key files") {
  const scratch_folder folder;
  const std::string real = private_file(folder, "real", key);
  REQUIRE(::symlink(real.c_str(), (folder / "link").c_str()) == 0);
  REQUIRE(::symlink((folder / "nowhere").c_str(), (folder / "dangling").c_str()) == 0);
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  REQUIRE(::mkdir((folder / "folder").c_str(), 0700) == 0);
  CHECK(loaded("dev", folder / "link") == "secret-file (flag): expected a regular file, not a symbolic link");
  CHECK(loaded("dev", folder / "dangling") == "secret-file (flag): expected a regular file, not a symbolic link");
  CHECK_FALSE(std::filesystem::exists(folder / "nowhere"));
  CHECK(loaded("dev", folder / "pipe") == "secret-file (flag): expected a regular file");
  CHECK(loaded("dev", folder / "folder") == "secret-file (flag): expected a regular file");
  REQUIRE(::link(real.c_str(), (folder / "second").c_str()) == 0);
  CHECK(loaded("dev", real) == "secret-file (flag): expected a file with one name, this one has hard links");
}

TEST_CASE("dev makes a missing key once, private and complete") {
  const scratch_folder folder;
  const std::string path = folder / "var/deep/secret.key";
  const std::string made = loaded("dev", path);
  CHECK(made.size() == 64);
  CHECK(mode_of(path) == 0600);
  CHECK(mode_of(folder / "var") == 0700);
  CHECK(loaded("dev", path) == made);
  CHECK(loaded("standard", path) == made);
  CHECK(entries(folder / "var/deep") == 1);
  CHECK(loaded("dev", folder / "another.key") != made);
}

TEST_CASE("a key is made private whatever the umask is") {
  const scratch_folder folder;
  const ::mode_t before = ::umask(0);
  const std::string made = loaded("dev", folder / "k");
  ::umask(before);
  CHECK(made.size() == 64);
  CHECK(mode_of(folder / "k") == 0600);
}

TEST_CASE("standard and strict make no key") {
  const scratch_folder folder;
  for (const char* profile : {"standard", "strict"}) {
    CHECK(loaded(profile, folder / "k") ==
          "secret-file (flag): expected an existing file (openssl rand -hex 32, mode 0600)");
  }
  CHECK(entries(folder / ".") == 0);
}

TEST_CASE("a folder that cannot be made is one clear line") {
  const scratch_folder folder;
  folder.file("plain", "x");
  CHECK(loaded("dev", folder / "plain/k") == "secret-file (flag): expected a readable file");
}

TEST_CASE("of many starters at once all have the same key") {
  constexpr int rounds = 50;
  constexpr int starters = 8;
  for (int round = 0; round < rounds; ++round) {
    const scratch_folder folder;
    const settings config = with_secret("dev", folder / "secret.key");
    std::vector<std::string> keys(starters);
    std::barrier gate(starters);
    std::vector<std::thread> threads;
    for (std::string& mine : keys) {
      threads.emplace_back([&] {
        gate.arrive_and_wait();
        try {
          mine = load_or_create_secret(config);
        } catch (const configuration_error& error) {
          mine = error.what();
        }
      });
    }
    for (std::thread& thread : threads)
      thread.join();
    const std::set<std::string> different(keys.begin(), keys.end());
    REQUIRE(different.size() == 1);
    REQUIRE(different.begin()->size() == 64);
    REQUIRE(entries(folder / ".") == 1);
  }
}
