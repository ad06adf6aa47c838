// The frames of SQLite's write-ahead log as they stand in its file (https://sqlite.org/fileformat2.html#walformat).
#pragma once

#include <string>

namespace smsauth::store {

/// Writes the header and the first `count` frames of the log at `path` again, each as it is, after its checksum was
/// found right: what the kernel took for written is changed once more. For a log that nobody writes to meanwhile.
/// Returns false, at the first frame that is not whole, does not belong to this log, or cannot be read or written.
bool rewrite_log_frames(const std::string& path, int count) noexcept;

}  // namespace smsauth::store
