// Counters per client address (SEND: 30 per hour, 200 per day; look-ups), kept in memory on the path and flushed to the
// database about once a second as deltas. Cost on the path: no statement. Price: over several nodes, and right after a
// restart, a limit may be exceeded by what one address does within one flush interval per node.
#pragma once

#include "core/error.hpp"
#include "core/limits.hpp"
#include "core/time.hpp"
#include "store/counter_store.hpp"

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace smsauth::service {

enum class address_action : std::uint8_t { send, lookup };

class address_limiter {
 public:
  address_limiter(const core::code_limits& limits, std::string node) : limits_(limits), node_(std::move(node)) {}

  /// Counts one event, or says why not: send_limited or lookup_limited with the seconds to wait. Windows are whole
  /// hours and days of server time.
  core::result<void> charge(std::string_view address, address_action action, core::epoch_ms now);
  /// Takes one back: the send was refused for another reason, so it cost nothing.
  void refund(std::string_view address, address_action action, core::epoch_ms now);

  /// Windows with hits that the database does not know yet. Called by the flush; one flush at a time.
  struct work {
    std::vector<store::counters::delta> changed;
    bool empty() const noexcept { return changed.empty(); }
    /// Cuts off up to `count` of them.
    work take(std::size_t count);
  };
  work take_work(core::epoch_ms now);
  /// They could not be written: count them again.
  void give_back(const work& failed);
  /// What other nodes, and earlier processes, have counted in a window.
  void learned(const store::counters::delta& window, std::int64_t hits_elsewhere);

  const std::string& node() const noexcept { return node_; }

 private:
  struct counter {
    store::counters::delta window;
    std::int64_t hits = 0;  ///< of this process
    std::int64_t unflushed = 0;
    std::int64_t elsewhere = 0;  ///< of other nodes, as of the last flush
  };
  using counter_map = std::unordered_map<std::string, counter>;

  static std::string key_of(const store::counters::delta& window);
  counter& at(std::string_view address, address_action action, std::int64_t window_ms, core::epoch_ms now);
  counter* find(const store::counters::delta& window);
  void begin_generation();

  /// Two generations of at most this many windows, some 40 MB in all. When the newer is full the older is dropped: what
  /// goes is what was not touched for longest, at a constant cost, however many addresses an attacker has.
  static constexpr std::size_t generation_size = 100'000;

  const core::code_limits& limits_;
  const std::string node_;
  std::mutex mutex_;
  counter_map young_;
  counter_map old_;
  std::vector<store::counters::delta> dropped_;  ///< unflushed hits of a dropped generation
};

}  // namespace smsauth::service
