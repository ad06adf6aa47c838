#include "service/uid_source.hpp"

#include "store/account_store.hpp"

namespace smsauth::service {

bool uid_source::take(std::int64_t& uid) {
  const std::scoped_lock lock(mutex_);
  if (!returned_.empty()) {
    uid = returned_.back();
    returned_.pop_back();
    return true;
  }
  if (next_ >= end_) return false;
  uid = next_++;
  return true;
}

runtime::awaitable<core::result<std::int64_t>> uid_source::next() {
  std::int64_t uid = 0;
  if (take(uid)) co_return uid;
  auto work = [](store::transaction& in) -> core::result<std::int64_t> {
    return store::accounts::take_uid_block(in, block_size);
  };
  auto first = co_await database_.write("sequence", work);
  if (!first) co_return first.error();
  {
    // Two callers may have fetched a block each: the rest of the earlier one is lost, uids are not.
    const std::scoped_lock lock(mutex_);
    next_ = *first + 1;
    end_ = *first + block_size;
  }
  co_return *first;
}

void uid_source::give_back(std::int64_t uid) {
  const std::scoped_lock lock(mutex_);
  if (returned_.size() < static_cast<std::size_t>(block_size)) returned_.push_back(uid);
}

}  // namespace smsauth::service
