#include "runtime/io_threads.hpp"

#include "runtime/thread_priority.hpp"

namespace smsauth::runtime {

io_threads::io_threads(std::size_t count, const char* name) : name_(name) {
  for (std::size_t i = 0; i < count; ++i) {
    contexts_.push_back(std::make_unique<boost::asio::io_context>(1));
    guards_.emplace_back(contexts_.back()->get_executor());
  }
}

io_threads::~io_threads() {
  join();
}

void io_threads::start() {
  for (const auto& context : contexts_) {
    threads_.emplace_back([loop = context.get(), name = name_] {
      name_thread(name);
      loop->run();
    });
  }
}

void io_threads::join() {
  for (const auto& context : contexts_)
    context->stop();
  threads_.clear();
}

std::vector<boost::asio::io_context*> io_threads::all() const {
  std::vector<boost::asio::io_context*> pointers;
  pointers.reserve(contexts_.size());
  for (const auto& context : contexts_)
    pointers.push_back(context.get());
  return pointers;
}

}  // namespace smsauth::runtime
