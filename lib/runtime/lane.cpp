#include "runtime/lane.hpp"

#include <boost/asio/post.hpp>

#include <array>
#include <utility>

namespace smsauth::runtime {

namespace {

constexpr std::size_t max_batch = 256;
constexpr std::size_t kept_share = 4;  // one in so many places is not for jobs of low urgency

// One post per I/O thread and batch, not per job: waking an io_context costs a futex call.
class completion_list {
 public:
  explicit completion_list(lane_job* first, lane_job* (*next)(lane_job&)) noexcept : first_(first), next_(next) {}
  completion_list(completion_list&& other) noexcept
      : first_(std::exchange(other.first_, nullptr)), next_(other.next_) {}
  completion_list(const completion_list&) = delete;
  completion_list& operator=(const completion_list&) = delete;
  completion_list& operator=(completion_list&&) = delete;
  ~completion_list() {
    while (lane_job* const job = take())
      job->abandon();
  }

  void operator()() {
    while (lane_job* const job = take())
      job->complete();
  }

 private:
  // Steps on before the job is touched: it may delete itself.
  lane_job* take() noexcept {
    lane_job* const job = first_;
    if (job != nullptr) first_ = next_(*job);
    return job;
  }

  lane_job* first_;
  lane_job* (*next_)(lane_job&);
};

}  // namespace

lane::lane(boost::asio::thread_pool& pool, lane_settings settings, drain_function drain)
    : pool_(pool), settings_(settings), drain_(std::move(drain)) {}

lane::~lane() {
  close();
}

void lane::queue::append(lane_job& job) noexcept {
  job.next_ = nullptr;
  (tail == nullptr ? head : tail->next_) = &job;
  tail = &job;
  ++length;
}

lane_job* lane::queue::take() noexcept {
  lane_job* const first = head;
  if (first == nullptr) return nullptr;
  head = first->next_;
  if (head == nullptr) tail = nullptr;
  --length;
  return first;
}

bool lane::push(lane_job& job, urgency how) {
  bool start_worker = false;
  {
    const std::scoped_lock lock(mutex_);
    if (!takes(how)) return false;
    (how == urgency::urgent ? urgent_ : normal_).append(job);
    if (active_ < settings_.workers) {
      ++active_;
      start_worker = true;
    }
  }
  if (start_worker) boost::asio::post(pool_, [this] { work(); });
  return true;
}

bool lane::has_room(urgency how) const {
  const std::scoped_lock lock(mutex_);
  return takes(how);
}

bool lane::takes(urgency how) const noexcept {
  const std::size_t kept = how == urgency::low ? settings_.capacity / kept_share : 0;
  const std::size_t waiting = how == urgency::urgent ? urgent_.length : normal_.length;
  return !closed_ && waiting < settings_.capacity - kept;
}

void lane::work() {
  std::array<lane_job*, max_batch> taken;
  for (;;) {
    std::size_t count = 0;
    {
      const std::scoped_lock lock(mutex_);
      while (count < settings_.batch && count < max_batch) {
        lane_job* job = urgent_.take();
        if (job == nullptr) job = normal_.take();
        if (job == nullptr) break;
        taken[count++] = job;
      }
      if (count == 0) {
        --active_;
        // Under the lock: the destructor may run as soon as the waiter sees active_ == 0.
        if (active_ == 0) idle_.notify_all();
        return;
      }
    }
    const std::span<lane_job* const> jobs(taken.data(), count);
    drain_(jobs);
    complete_all(jobs);
  }
}

void lane::complete_all(std::span<lane_job* const> jobs) {
  const auto next = [](lane_job& job) { return job.next_; };
  // Lists per owner, in order. There are as many owners as I/O threads: a handful.
  for (std::size_t i = 0; i < jobs.size(); ++i)
    jobs[i]->next_ = nullptr;
  std::array<std::pair<boost::asio::io_context*, std::pair<lane_job*, lane_job*>>, 64> lists;
  std::size_t count = 0;
  for (lane_job* job : jobs) {
    std::size_t at = 0;
    while (at < count && lists[at].first != &job->owner())
      ++at;
    if (at == lists.size()) {  // more I/O threads than lists: a post of its own
      boost::asio::post(job->owner(), completion_list(job, next));
      continue;
    }
    if (at == count) {
      lists[count++] = {&job->owner(), {job, job}};
    } else {
      lists[at].second.second->next_ = job;
      lists[at].second.second = job;
    }
  }
  for (std::size_t at = 0; at < count; ++at) {
    boost::asio::post(*lists[at].first, completion_list(lists[at].second.first, next));
  }
}

void lane::close() {
  std::unique_lock lock(mutex_);
  closed_ = true;
  idle_.wait(lock, [this] { return active_ == 0; });
}

std::size_t lane::depth() const {
  const std::scoped_lock lock(mutex_);
  return normal_.length + urgent_.length;
}

}  // namespace smsauth::runtime
