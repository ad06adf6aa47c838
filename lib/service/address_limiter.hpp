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

  /// Counts one event, or says why not: send_limited or lookup_limited with the seconds to wait. Windows are whole hours and
  /// days of server time.
  core::result<void> charge(std::string_view address, address_action action, core::epoch_ms now);
  /// Takes one back: the send was refused for another reason, so it cost nothing.
  void refund(std::string_view address, address_action action, core::epoch_ms now);

  /// What the database does not know yet, and what it must be asked for. Called by the flush; one flush at a time.
  struct work {
    std::vector<store::counters::delta> add;   ///< hits since the last flush
    std::vector<store::counters::delta> read;  ///< windows whose count on other nodes (and of earlier processes) is wanted
  };
  work take_work(core::epoch_ms now);
  void give_back(const work& failed);
  void learned(const store::counters::delta& window, std::int64_t hits_elsewhere);

  const std::string& node() const noexcept { return node_; }

 private:
  struct counter {
    std::int64_t hits = 0;       ///< of this process
    std::int64_t unflushed = 0;
    std::int64_t elsewhere = 0;  ///< of other nodes, as of the last flush
  };
  static std::string key_of(const store::counters::delta& window);
  counter& at(std::string_view address, address_action action, std::int64_t window_ms, core::epoch_ms now);

  static constexpr std::size_t max_counters = 200'000;  ///< some 40 MB; over it the oldest windows are dropped first

  const core::code_limits& limits_;
  const std::string node_;
  std::mutex mutex_;
  struct entry {
    store::counters::delta window;
    counter count;
  };
  std::unordered_map<std::string, entry> counters_;
};

}  // namespace smsauth::service
