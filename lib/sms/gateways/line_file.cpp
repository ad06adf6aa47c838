#include "sms/gateways/line_file.hpp"

#include <cerrno>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace smsauth::sms {

namespace {

constexpr mode_t file_mode = 0600;  // the lines hold codes and numbers
constexpr mode_t directory_mode = 0700;

[[noreturn]] void fail(int number, const std::filesystem::path& path) {
  throw std::system_error(number, std::generic_category(), path.string());
}

/// Like std::filesystem::create_directories, which has no mode.
void make_private_directories(const std::filesystem::path& path) {
  if (path.empty() || std::filesystem::exists(path)) return;
  make_private_directories(path.parent_path());
  if (::mkdir(path.c_str(), directory_mode) != 0 && errno != EEXIST) fail(errno, path);
}

bool ends_with_newline(int descriptor, off_t size) {
  char last = '\n';
  return size == 0 || ::pread(descriptor, &last, 1, size - 1) != 1 || last == '\n';
}

}  // namespace

line_file::line_file(std::filesystem::path path) : path_(std::move(path)) {
  open();
}

line_file::~line_file() {
  close();
}

bool line_file::append(std::string_view line) {
  const std::lock_guard lock(mutex_);
  try {
    if (!still_there()) open();
  } catch (const std::system_error&) {
    return false;  // tried again with the next line
  }
  std::string bytes;
  bytes.reserve(line.size() + 2);
  if (torn_) bytes += '\n';
  bytes += line;
  bytes += '\n';
  return write_all(bytes);
}

void line_file::open() {
  close();
  make_private_directories(path_.parent_path());
  // Read access is only for the look at the last byte.
  const int descriptor = ::open(path_.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, file_mode);
  if (descriptor < 0) fail(errno, path_);
  struct stat status = {};
  const bool known = ::fstat(descriptor, &status) == 0;
  if (!known || !S_ISREG(status.st_mode)) {
    const int number = known ? EINVAL : errno;
    ::close(descriptor);
    fail(number, path_);
  }
  descriptor_ = descriptor;
  device_ = status.st_dev;
  inode_ = status.st_ino;
  torn_ = !ends_with_newline(descriptor, status.st_size);
}

void line_file::close() noexcept {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
}

bool line_file::still_there() const noexcept {
  struct stat status = {};
  return descriptor_ >= 0 && ::stat(path_.c_str(), &status) == 0 && status.st_dev == device_ && status.st_ino == inode_;
}

bool line_file::write_all(std::string_view bytes) noexcept {
  const std::size_t wanted = bytes.size();
  while (!bytes.empty()) {
    // O_APPEND: the kernel finds the end and writes under one lock, so lines of other processes are not cut.
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      if (bytes.size() < wanted) torn_ = true;
      return false;
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  torn_ = false;
  return true;
}

}  // namespace smsauth::sms
