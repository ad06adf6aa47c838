#include "http/input_buffer.hpp"

#include <cstring>
#include <utility>

namespace smsauth::http {

void input_buffer::consume(std::size_t count) noexcept {
  begin_ += count;
  if (begin_ == end_) begin_ = end_ = 0;
}

void input_buffer::erase(std::size_t offset, std::size_t count) noexcept {
  if (count == 0) return;
  char* const hole = data() + offset;
  std::memmove(hole, hole + count, size() - offset - count);
  end_ -= count;
}

void input_buffer::reserve(std::size_t total) {
  if (begin_ + total <= capacity_) return;
  if (total <= capacity_) {
    std::memmove(storage_.get(), data(), size());
  } else {
    auto larger = std::make_unique_for_overwrite<char[]>(total);
    if (!empty()) std::memcpy(larger.get(), data(), size());
    storage_ = std::move(larger);
    capacity_ = total;
  }
  end_ -= begin_;
  begin_ = 0;
}

void input_buffer::shrink_to(std::size_t bytes) noexcept {
  begin_ = end_ = 0;
  if (capacity_ <= bytes) return;
  storage_.reset();
  capacity_ = 0;
}

}  // namespace smsauth::http
