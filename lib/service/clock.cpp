#include "service/clock.hpp"

#include <chrono>

namespace smsauth::service {

core::epoch_ms clock::now() {
  using namespace std::chrono;
  const core::epoch_ms read = duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
  core::epoch_ms seen = latest_.load(std::memory_order_relaxed);
  while (read > seen && !latest_.compare_exchange_weak(seen, read, std::memory_order_relaxed)) {
  }
  return read > seen ? read : seen;
}

}  // namespace smsauth::service
