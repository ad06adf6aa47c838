#include "runtime/lane.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace smsauth::runtime {

namespace {

constexpr std::size_t max_batch = 256;
constexpr std::size_t kept_share = 4;     // one in so many places is not for jobs of low urgency
constexpr std::size_t batches_ahead = 4;  // drained while one is being finished; then draining waits

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

lane::lane(boost::asio::thread_pool& pool, lane_settings settings, drain_function drain, drain_function finish)
    : pool_(pool), settings_(settings), drain_(std::move(drain)), finish_(std::move(finish)) {}

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
    if (finish_ && full_batch_waits()) finished_.notify_one();
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
        // Under the lock: the destructor may run as soon as the waiter sees that all is at rest.
        if (at_rest()) idle_.notify_all();
        return;
      }
    }
    const std::span<lane_job* const> jobs(taken.data(), count);
    drain_(jobs);
    if (finish_) {
      hand_to_finish(jobs);
    } else {
      complete_all(jobs);
    }
  }
}

void lane::hand_to_finish(std::span<lane_job* const> jobs) {
  std::unique_lock lock(mutex_);
  for (lane_job* job : jobs)
    drained_.append(*job);
  if (!std::exchange(finishing_, true)) boost::asio::post(pool_, [this] { finish_drained(); });
  // What is drained while others wait to be finished is not complete before they are: it may as well wait for company,
  // unless it fills a batch (64 clients on SQLite: 5 % more flows a second).
  finished_.wait(lock, [this] {
    return drained_.head == nullptr || (full_batch_waits() && drained_.length <= batches_ahead * settings_.batch);
  });
}

void lane::finish_drained() {
  std::array<lane_job*, max_batch> taken;
  const std::size_t most = std::min(settings_.batch, max_batch);
  for (;;) {
    std::size_t count = 0;
    {
      const std::scoped_lock lock(mutex_);
      while (count < most && drained_.head != nullptr)
        taken[count++] = drained_.take();
      if (count == 0) {
        finishing_ = false;
        if (at_rest()) idle_.notify_all();
        return;
      }
      finished_.notify_all();
    }
    const std::span<lane_job* const> jobs(taken.data(), count);
    finish_(jobs);
    complete_all(jobs);
  }
}

bool lane::at_rest() const noexcept {
  return active_ == 0 && !finishing_;
}

bool lane::full_batch_waits() const noexcept {
  return normal_.length + urgent_.length >= settings_.batch;
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
  idle_.wait(lock, [this] { return at_rest(); });
}

std::size_t lane::depth() const {
  const std::scoped_lock lock(mutex_);
  return normal_.length + urgent_.length;
}

}  // namespace smsauth::runtime
