// What became of messages, on its way into the database: many marks share a transaction, none waits for another. Any
// thread.
#pragma once

#include "runtime/awaitable.hpp"
#include "service/clock.hpp"
#include "service/database_lanes.hpp"
#include "store/delivery_store.hpp"
#include "store/outbox_store.hpp"

#include <mutex>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace smsauth::service {

class outbox_marks {
 public:
  outbox_marks(database_lanes& database, clock& time) : database_(database), clock_(time) {}

  /// A message has ended. Its id awaits its mark until the database has it.
  void note(std::string id, store::outbox::state end, std::string gateway);
  /// A gateway was called. Beyond 100 000 that the database did not take, the oldest are forgotten.
  void note(store::deliveries::attempt done);

  /// True once for the caller who shall run flush(): one at a time collects what comes meanwhile.
  bool start_flush();
  /// Returns when all are written or the database refuses: the next flush tries again then.
  runtime::awaitable<void> flush();

  std::size_t outstanding() const;
  bool awaits_mark(const std::string& id) const;

 private:
  struct mark {
    std::string id;
    store::outbox::state end;
    std::string gateway;
  };
  struct batch {
    std::vector<mark> ends;
    std::vector<store::deliveries::attempt> attempts;
    bool empty() const noexcept { return ends.empty() && attempts.empty(); }
  };
  batch take();
  void give_back(batch part);
  runtime::awaitable<bool> write(const batch& part);

  database_lanes& database_;
  clock& clock_;
  mutable std::mutex mutex_;
  std::vector<mark> ends_;
  std::vector<store::deliveries::attempt> attempts_;
  bool flushing_ = false;
  /// Ids of all marks that are not committed, also of a transaction under way.
  std::unordered_set<std::string> unmarked_;
};

}  // namespace smsauth::service
