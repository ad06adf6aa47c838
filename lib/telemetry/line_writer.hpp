// Puts lines into a descriptor whose other end may be slow, full or gone.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace smsauth::telemetry {

/// Used by one thread, which blocks SIGPIPE; give_up_after and lost may be called from any.
class line_writer {
 public:
  using clock = std::chrono::steady_clock;

  /// Standard error, which is shared with others and therefore keeps its flags.
  line_writer();
  /// Appends to a file (created with mode 0640). Throws std::system_error when it cannot be opened.
  explicit line_writer(const std::string& path);
  ~line_writer();
  line_writer(const line_writer&) = delete;
  line_writer& operator=(const line_writer&) = delete;

  /// Buffers a line, and adds its line feed.
  void append(std::string_view text);
  /// Writes what is buffered; waits as long as the other end takes nothing. A line that cannot be written is lost and
  /// counted, and the next flush tries anew: a disk may have room again.
  void flush() noexcept;
  /// Flushes and closes. Nothing may be appended afterwards.
  void close() noexcept;
  /// From then on a write that would wait is given up.
  void give_up_after(clock::duration grace) noexcept;
  std::uint64_t lost() const noexcept { return lost_.load(std::memory_order_relaxed); }

 private:
  enum class target : std::uint8_t { file, socket, stream };  // stream: a pipe or a terminal

  static target kind_of(int descriptor) noexcept;
  std::size_t chunk_size(std::string_view rest) const noexcept;
  bool wait_until_writable() const noexcept;
  /// Bytes taken, or -1: this chunk cannot be written.
  std::int64_t write_some(std::string_view chunk) const noexcept;

  int descriptor_;  // -1: closed
  bool owned_;
  target target_;
  bool torn_ = false;  // the last thing written was no whole line
  std::string buffer_;
  std::atomic<clock::rep> deadline_;
  std::atomic<std::uint64_t> lost_ = 0;
};

}  // namespace smsauth::telemetry
