#include "app/secret_file.hpp"

#include "app/options.hpp"
#include "crypto/random.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <optional>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>

namespace smsauth::app {
namespace {

constexpr std::size_t key_bytes = 32;
constexpr std::size_t hex_digits = 2 * key_bytes;
constexpr ::mode_t private_mode = S_IRUSR | S_IWUSR;

/// Closes its descriptor.
class descriptor {
 public:
  explicit descriptor(int fd) noexcept : fd_(fd) {}
  ~descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  int get() const noexcept { return fd_; }
  bool open() const noexcept { return fd_ >= 0; }

 private:
  int fd_;
};

[[noreturn]] void refuse(const settings& config, const std::string& expected) {
  throw configuration_error("secret-file", source_of(config, "secret-file"), expected);
}

bool is_hex(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); });
}

// systemd shows a service its credentials as root's, mode 0440, the one reader being in an access control list whose
// mask stands where the group's bits are (systemd.exec(5), LoadCredential).
bool is_credential(const settings& config, const struct stat& status) {
  const std::string& folder = config.credentials_directory;
  return !folder.empty() && status.st_uid == 0 && (status.st_mode & ::mode_t{07777}) == (S_IRUSR | S_IRGRP) &&
         std::filesystem::path(config.secret_file).parent_path() == std::filesystem::path(folder);
}

void check_owner_and_mode(const settings& config, const struct stat& status) {
  if (!S_ISREG(status.st_mode)) refuse(config, "expected a regular file");
  if (status.st_nlink != 1) refuse(config, "expected a file with one name, this one has hard links");
  if (status.st_uid != ::geteuid() && status.st_uid != 0) refuse(config, "expected a file owned by this user or root");
  const ::mode_t others = S_IRWXG | S_IRWXO;
  const ::mode_t others_write = S_IWGRP | S_IWOTH;
  const ::mode_t refused = config.profile == profile::dev ? others_write : others;
  if ((status.st_mode & refused) != 0 && !is_credential(config, status))
    refuse(config, "expected mode 0600 (chmod 600): the key is open to others");
}

/// The key, or nothing when the file does not exist.
std::optional<std::string> load(const settings& config) {
  // O_NONBLOCK: a FIFO in its place must not stop the start; O_NOFOLLOW: nor may a link lead elsewhere.
  const descriptor file(::open(config.secret_file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!file.open()) {
    if (errno == ENOENT) return std::nullopt;
    refuse(config, errno == ELOOP ? "expected a regular file, not a symbolic link" : "expected a readable file");
  }
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) refuse(config, "expected a readable file");
  check_owner_and_mode(config, status);

  // Two bytes more than a key and its newline: whatever is longer is no key.
  std::array<char, hex_digits + 2> buffer{};
  std::size_t size = 0;
  while (size < buffer.size()) {
    const ::ssize_t got = ::read(file.get(), buffer.data() + size, buffer.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) refuse(config, "expected a readable file");
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  std::string_view text(buffer.data(), size);
  if (text.ends_with('\n')) text.remove_suffix(1);
  std::optional<std::string> key;
  if (text.size() == hex_digits && is_hex(text)) key = text;
  ::explicit_bzero(buffer.data(), buffer.size());
  if (!key) refuse(config, "expected a key of 64 hex digits (openssl rand -hex 32)");
  return key;
}

bool write_all(int fd, std::string_view text) noexcept {
  while (!text.empty()) {
    const ::ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

bool sync_folder(const std::filesystem::path& folder) noexcept {
  const descriptor fd(::open(folder.c_str(), O_RDONLY | O_CLOEXEC | O_DIRECTORY));
  return fd.open() && ::fsync(fd.get()) == 0;
}

/// Makes the folders that are missing, each for this user alone.
bool make_folders(const std::filesystem::path& folder) {
  std::filesystem::path made;
  for (const auto& part : folder) {
    made /= part;
    if (::mkdir(made.c_str(), S_IRWXU) != 0 && errno != EEXIST && !std::filesystem::is_directory(made)) return false;
  }
  return true;
}

/// Writes a new key under a name of its own and renames it, which fails when another process was first: nobody ever
/// sees half a key, nor, as after link(), a file with two names.
bool create(const std::string& path) {
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  const std::filesystem::path folder = parent.empty() ? std::filesystem::path(".") : parent;
  if (!make_folders(folder)) return false;
  const std::string draft = path + ".new-" + crypto::random_hex(8);
  const descriptor file(::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, private_mode));
  if (!file.open()) return false;
  std::string text = crypto::random_hex(key_bytes) + "\n";
  const bool done = write_all(file.get(), text) && ::fsync(file.get()) == 0;
  ::explicit_bzero(text.data(), text.size());
  const bool first = done && ::renameat2(AT_FDCWD, draft.c_str(), AT_FDCWD, path.c_str(), RENAME_NOREPLACE) == 0;
  const bool second = done && !first && errno == EEXIST;
  if (!first) ::unlink(draft.c_str());
  return (first || second) && sync_folder(folder);
}

}  // namespace

std::string load_or_create_secret(const settings& config) {
  if (auto key = load(config)) return *std::move(key);
  if (config.profile != profile::dev) refuse(config, "expected an existing file (openssl rand -hex 32, mode 0600)");
  if (!create(config.secret_file)) refuse(config, "expected a folder where the file can be made");
  if (auto key = load(config)) return *std::move(key);
  refuse(config, "expected a file that stays");
}

}  // namespace smsauth::app
