// Connections that asked once and keep silent.
//
//   idle_load --port N --connections N --requests FILE
//
// FILE holds one raw request. Prints "ready" when all were answered, then holds the connections until its standard
// input ends.
#include "load/arguments.hpp"
#include "load/client_pool.hpp"

#include <cstdio>
#include <exception>
#include <fstream>
#include <iterator>

namespace {

using namespace smsauth::load;

constexpr std::size_t at_once = 256;  // connections that are opened before their answers are awaited
constexpr std::chrono::seconds answer_wait{30};
constexpr std::chrono::microseconds wait{10'000};

class counter final : public reply_handler {
 public:
  void replied(std::size_t /*connection*/, const reply& what) override { (what.status < 500 ? good : bad) += 1; }
  void lost(std::size_t /*connection*/, std::size_t /*unanswered*/) override { ++bad; }
  std::size_t good = 0;
  std::size_t bad = 0;
};

}  // namespace

int main(int count, char** words) {
  try {
    raise_file_limit();
    const arguments given(count, words);
    std::ifstream file(given.text("requests"), std::ios::binary);
    const std::string request{std::istreambuf_iterator<char>(file), {}};
    const std::size_t connections = given.whole("connections", 10'000);
    counter answers;
    client_pool pool(static_cast<std::uint16_t>(given.whole("port", 0)), connections, answers);
    const auto give_up = clock::now() + answer_wait;
    for (std::size_t asked = 0; answers.good + answers.bad < connections && clock::now() < give_up;) {
      for (; asked < connections && pool.unanswered() < at_once; ++asked)
        pool.ask(asked, request);
      pool.poll(wait);
    }
    if (answers.good != connections) {
      std::fprintf(stderr, "idle_load: %zu of %zu connections were answered\n", answers.good, connections);
      return 1;
    }
    std::puts("ready");
    std::fflush(stdout);
    while (std::getchar() != EOF) {
    }
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "idle_load: %s\n", error.what());
    return 1;
  }
}
