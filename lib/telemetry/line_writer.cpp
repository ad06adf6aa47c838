#include "telemetry/line_writer.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <limits.h>
#include <limits>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace smsauth::telemetry {

namespace {

constexpr std::size_t buffer_bytes = std::size_t{64} * 1024;  // written at once at the latest
constexpr int poll_ms = 100;                                  // how soon a wait notices that it is to give up
constexpr mode_t file_mode = 0640;                            // a log collector's group may read

int open_log(const std::string& path) {
  // Not blocking: a FIFO without a reader fails here, and one with a slow reader waits in poll, where we can give up.
  const int descriptor =
      open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, file_mode);
  if (descriptor < 0) throw std::system_error(errno, std::generic_category(), "log file " + path);
  return descriptor;
}

}  // namespace

line_writer::line_writer()
    : descriptor_(STDERR_FILENO),
      owned_(false),
      target_(kind_of(descriptor_)),
      deadline_(std::numeric_limits<clock::rep>::max()) {
  buffer_.reserve(buffer_bytes);
}

line_writer::line_writer(const std::string& path)
    : descriptor_(open_log(path)),
      owned_(true),
      target_(kind_of(descriptor_)),
      deadline_(std::numeric_limits<clock::rep>::max()) {
  buffer_.reserve(buffer_bytes);
}

line_writer::~line_writer() {
  close();
}

void line_writer::close() noexcept {
  if (descriptor_ < 0) return;
  flush();
  if (owned_) ::close(descriptor_);
  descriptor_ = -1;
}

line_writer::target line_writer::kind_of(int descriptor) noexcept {
  struct stat status {};
  if (fstat(descriptor, &status) != 0) return target::stream;
  if (S_ISREG(status.st_mode)) return target::file;
  return S_ISSOCK(status.st_mode) ? target::socket : target::stream;
}

void line_writer::append(std::string_view text) {
  if (torn_ && buffer_.empty()) buffer_ += '\n';  // the rest of a torn line must not become the head of this one
  if (buffer_.size() + text.size() >= buffer_bytes) flush();
  buffer_ += text;
  buffer_ += '\n';
}

void line_writer::flush() noexcept {
  std::string_view rest = buffer_;
  while (!rest.empty()) {
    const std::string_view chunk = rest.substr(0, chunk_size(rest));
    const std::int64_t written = wait_until_writable() ? write_some(chunk) : -1;
    if (written < 0) break;
    if (written > 0) torn_ = chunk[static_cast<std::size_t>(written) - 1] != '\n';
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  // Also a line of which only the head was written. A lone line feed is the end of an older torn line, counted then.
  const auto lines = std::count(rest.begin(), rest.end(), '\n') - (rest.starts_with('\n') ? 1 : 0);
  lost_.fetch_add(static_cast<std::uint64_t>(lines), std::memory_order_relaxed);
  buffer_.clear();
}

void line_writer::give_up_after(clock::duration grace) noexcept {
  deadline_.store((clock::now() + grace).time_since_epoch().count(), std::memory_order_relaxed);
}

std::size_t line_writer::chunk_size(std::string_view rest) const noexcept {
  // POSIX: a pipe that poll calls writable takes PIPE_BUF bytes without blocking, and unmixed with other writers'
  // bytes.
  if (target_ == target::file || rest.size() <= PIPE_BUF) return rest.size();
  const std::size_t last_end = rest.rfind('\n', PIPE_BUF - 1);
  return last_end == std::string_view::npos ? PIPE_BUF : last_end + 1;
}

bool line_writer::wait_until_writable() const noexcept {
  if (target_ == target::file) return true;
  while (true) {
    pollfd wanted{descriptor_, POLLOUT, 0};
    const int ready = poll(&wanted, 1, poll_ms);
    if (ready > 0) return true;  // or broken: then the write says so
    if (ready < 0 && errno != EINTR) return false;
    if (clock::now().time_since_epoch().count() >= deadline_.load(std::memory_order_relaxed)) return false;
  }
}

std::int64_t line_writer::write_some(std::string_view chunk) const noexcept {
  const ssize_t written = target_ == target::socket
                              ? send(descriptor_, chunk.data(), chunk.size(), MSG_DONTWAIT | MSG_NOSIGNAL)
                              : write(descriptor_, chunk.data(), chunk.size());
  if (written >= 0) return written;
  return errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -1;
}

}  // namespace smsauth::telemetry
