#include "store/back_off.hpp"

#include <chrono>
#include <random>
#include <thread>

namespace smsauth::store {

namespace {

constexpr int min_pause_ms = 1;
constexpr int max_pause_ms = 30;

}  // namespace

void back_off() {
  thread_local std::minstd_rand generator{std::random_device{}()};
  std::this_thread::sleep_for(
      std::chrono::milliseconds(std::uniform_int_distribution<>(min_pause_ms, max_pause_ms)(generator)));
}

}  // namespace smsauth::store
