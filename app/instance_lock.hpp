// One server per SQLite file: its one writer and its leases are those of one process.
#pragma once

#include <string>

namespace smsauth::app {

/// Held by the process until it ends, also by SIGKILL: the kernel forgets a lock with its owner.
class instance_lock {
 public:
  instance_lock() = default;
  /// Locks PATH.lock. Throws configuration_error when another process has it, or it cannot be made.
  explicit instance_lock(const std::string& database_path);
  ~instance_lock();
  instance_lock(instance_lock&& other) noexcept;
  instance_lock& operator=(instance_lock&& other) noexcept;

 private:
  int file_ = -1;
};

}  // namespace smsauth::app
