// Units of work made of functions, for tests.
#pragma once

#include "core/error.hpp"
#include "store/database.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace smsauth::test {

class test_unit final : public store::unit {
 public:
  explicit test_unit(std::function<void(store::transaction&)> work) : work_(std::move(work)) {}

  void run(store::transaction& in) override {
    ++runs;
    work_(in);
  }
  void fail(core::failure why) noexcept override { failure = why; }

  bool succeeded() const { return runs > 0 && !failure; }
  bool failed_with(core::errc code) const { return failure && failure->code == code; }

  int runs = 0;
  std::optional<core::failure> failure;

 private:
  std::function<void(store::transaction&)> work_;
};

/// Several units for one commit.
class unit_batch {
 public:
  test_unit& add(std::function<void(store::transaction&)> work) {
    units_.push_back(std::make_unique<test_unit>(std::move(work)));
    pointers_.push_back(units_.back().get());
    return *units_.back();
  }
  void run(store::database& on, std::size_t lane = 0) { on.run_writes(lane, pointers_); }
  std::span<store::unit* const> units() const { return pointers_; }
  std::size_t succeeded() const {
    std::size_t count = 0;
    for (const auto& one : units_)
      count += one->succeeded() ? 1 : 0;
    return count;
  }
  const test_unit& operator[](std::size_t i) const { return *units_[i]; }

 private:
  std::vector<std::unique_ptr<test_unit>> units_;
  std::vector<store::unit*> pointers_;
};

namespace detail {

template <class Run, class Work>
auto run_one(Run run, Work& work) {
  using value_type = std::invoke_result_t<Work&, store::transaction&>;
  const auto expect_success = [&](test_unit& one) {
    store::unit* const pointer = &one;
    run(std::span<store::unit* const>(&pointer, 1));
    if (one.failure) throw std::runtime_error("the unit failed: " + std::string(to_string(one.failure->code)));
  };
  if constexpr (std::is_void_v<value_type>) {
    test_unit one([&](store::transaction& in) { work(in); });
    expect_success(one);
  } else {
    std::optional<value_type> value;
    test_unit one([&](store::transaction& in) { value.emplace(work(in)); });
    expect_success(one);
    return std::move(*value);
  }
}

}  // namespace detail

/// Does `work` in a transaction of its own and returns what it returns. Throws std::runtime_error when the unit fails.
template <class Work>
auto write(store::database& on, Work work, std::size_t lane = 0) {
  return detail::run_one([&](auto units) { on.run_writes(lane, units); }, work);
}

/// The same on a reading session.
template <class Work>
auto read(store::database& on, Work work) {
  return detail::run_one([&](auto units) { on.run_reads(units); }, work);
}

}  // namespace smsauth::test
