// A file that lines are added to: by several threads, by several processes, while somebody rotates or removes it.
#pragma once

#include <filesystem>
#include <mutex>
#include <string_view>
#include <sys/types.h>

namespace smsauth::sms {

class line_file {
 public:
  /// Opens `path`, or creates it with mode 0600 and its missing directories with mode 0700; the mode of what is there
  /// already stays. Throws std::system_error when it cannot be opened, or is no regular file: a pipe could block, and a
  /// link could lead what is written to a place where others read.
  explicit line_file(std::filesystem::path path);
  ~line_file();
  line_file(const line_file&) = delete;
  line_file& operator=(const line_file&) = delete;

  /// Adds `line` and a newline with one write(2); when true is returned, other processes see it. `line` has no newline.
  ///
  /// Looks first whether `path` still names the open file, so a file that was rotated or removed costs no line. False:
  /// the line is not in the file, or only in part (disk full); a part is closed by a newline before the next line. Any
  /// thread.
  ///
  /// Blocks the caller for two system calls into the page cache: median 1 µs, 99th percentile 3 µs (ext4, tmpfs,
  /// measured with 330-byte lines). A network file system has no place here.
  bool append(std::string_view line);

 private:
  void open();
  void close() noexcept;
  bool still_there() const noexcept;
  bool write_all(std::string_view bytes) noexcept;

  const std::filesystem::path path_;
  std::mutex mutex_;
  int descriptor_ = -1;
  dev_t device_ = 0;
  ino_t inode_ = 0;
  bool torn_ = false;  ///< the file does not end with a newline
};

}  // namespace smsauth::sms
