// The octets of one connection that are not dealt with yet, in one piece.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace smsauth::http {

class input_buffer {
 public:
  char* data() noexcept { return storage_.get() + begin_; }
  std::size_t size() const noexcept { return end_ - begin_; }
  bool empty() const noexcept { return begin_ == end_; }
  std::string_view text() const noexcept { return {storage_.get() + begin_, size()}; }
  std::size_t capacity() const noexcept { return capacity_; }

  /// Room behind the octets; may be empty.
  std::span<char> space() noexcept { return {storage_.get() + end_, capacity_ - end_}; }
  void commit(std::size_t count) noexcept { end_ += count; }
  /// Drops octets at the front.
  void consume(std::size_t count) noexcept;
  /// Drops `count` octets that start at `offset`, moving what follows them.
  void erase(std::size_t offset, std::size_t count) noexcept;

  /// Makes the room for `total` octets from the front on. Moves octets: views into them end.
  void reserve(std::size_t total);
  /// Frees a storage of more than `bytes`. Precondition: empty().
  void shrink_to(std::size_t bytes) noexcept;

 private:
  std::unique_ptr<char[]> storage_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace smsauth::http
