// The frames of SQLite's write-ahead log as they stand in its file (https://sqlite.org/fileformat2.html#walformat).
#pragma once

#include <array>
#include <optional>
#include <string>

namespace smsauth::store {

/// What tells one use of the log from the one before: changes whenever it starts again.
using log_salts = std::array<unsigned char, 8>;
/// Those in the header of the open log `file`; nothing when it cannot be read.
std::optional<log_salts> read_log_salts(int file) noexcept;

/// Writes the header and the first `count` frames of the log at `path` again, each as it is, after its checksum was
/// found right: so that the kernel counts its pages as dirty again. For a log that nobody writes to meanwhile.
/// With a whole header of other salts than `of` the log has started again, which SQLite does when every frame was
/// copied into the database file and synced there: then the header alone. Returns false, at the first frame that is not
/// whole, does not belong to this log, or cannot be read or written.
bool rewrite_log_frames(const std::string& path, int count, const log_salts& of) noexcept;

}  // namespace smsauth::store
