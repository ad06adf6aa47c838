#include "app/instance_lock.hpp"

#include "app/options.hpp"

#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>
#include <unistd.h>
#include <utility>

namespace smsauth::app {

instance_lock::instance_lock(const std::string& database_path) {
  const std::string path = database_path + ".lock";
  const auto folder = std::filesystem::path(path).parent_path();
  std::error_code made;
  // A folder of our making is its owner's alone: the database holds numbers and hashes.
  if (!folder.empty() && std::filesystem::create_directories(folder, made) && !made) {
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, made);
  }
  file_ = ::open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file_ < 0) throw configuration_error("db", path, "expected a folder this user may write to");
  if (::flock(file_, LOCK_EX | LOCK_NB) != 0) {
    ::close(file_);
    throw configuration_error("db", path, "expected a database that no other smsauthd serves");
  }
}

instance_lock::~instance_lock() {
  if (file_ >= 0) ::close(file_);
}

instance_lock::instance_lock(instance_lock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}

instance_lock& instance_lock::operator=(instance_lock&& other) noexcept {
  std::swap(file_, other.file_);
  return *this;
}

}  // namespace smsauth::app
