#include "crypto/random.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <set>
#include <string>
#include <thread>
#include <vector>

using namespace smsauth::crypto;

namespace {

/// Pearson's statistic against a uniform distribution.
double chi_square(const std::vector<long>& counts) {
  long total = 0;
  for (const long count : counts)
    total += count;
  const double expected = static_cast<double>(total) / static_cast<double>(counts.size());
  double sum = 0;
  for (const long count : counts) {
    const double off = static_cast<double>(count) - expected;
    sum += off * off / expected;
  }
  return sum;
}

/// The value that chance exceeds once in a thousand (Wilson and Hilferty 1931: within 0.5 % from 8 degrees of freedom
/// on).
double critical_value(std::size_t degrees_of_freedom) {
  constexpr double normal_quantile = 3.0902;  // of 0.999
  const double k = static_cast<double>(degrees_of_freedom);
  return k * std::pow(1 - 2 / (9 * k) + normal_quantile * std::sqrt(2 / (9 * k)), 3);
}

bool looks_uniform(const std::vector<long>& counts) {
  return chi_square(counts) < critical_value(counts.size() - 1);
}

struct code_sample {
  std::vector<std::vector<long>> digits = std::vector<std::vector<long>>(6, std::vector<long>(10));
  std::vector<long> bins = std::vector<long>(1000);

  void add(const std::string& code) {
    for (std::size_t at = 0; at < code.size(); ++at)
      ++digits[at][static_cast<std::size_t>(code[at] - '0')];
    ++bins[(std::stoul(code) - smallest_code) / 900];
  }

  bool looks_fair() const {
    const std::vector<long> first_digits(digits[0].begin() + 1, digits[0].end());  // 1 … 9
    bool fair = digits[0][0] == 0 && looks_uniform(first_digits) && looks_uniform(bins);
    for (std::size_t at = 1; at < digits.size(); ++at)
      fair = fair && looks_uniform(digits[at]);
    return fair;
  }
};

}  // namespace

TEST_CASE("random bits map to codes evenly and the uneven rest is refused") {
  CHECK(code_from_random(0) == 100'000);
  CHECK(code_from_random(1) == 100'001);
  CHECK(code_from_random(899'999) == 999'999);
  CHECK(code_from_random(900'000) == 100'000);
  CHECK(code_from_random(4'294'799'999) == 999'999);  // 4772 * 900000 - 1
  CHECK_FALSE(code_from_random(4'294'800'000));
  CHECK_FALSE(code_from_random(0xffff'ffff));
}

TEST_CASE("a million codes are uniform in every digit and over a thousand bins") {
  // Seven tests at p = 0.001 fail by chance once in 143 samples, a bad generator in all of them: three samples in a
  // row.
  bool fair = false;
  for (int sample_number = 0; sample_number < 3 && !fair; ++sample_number) {
    code_sample sample;
    for (int i = 0; i < 1'000'000; ++i) {
      const std::string code = random_code();
      REQUIRE(code.size() == 6);
      sample.add(code);
    }
    fair = sample.looks_fair();
  }
  CHECK(fair);
}

TEST_CASE("the uniformity test notices a favoured digit and a favoured bin") {
  code_sample skewed;
  for (int i = 0; i < 1'000'000; ++i) {
    // What "random 20 bits modulo 900000" would do: the first 148,576 codes come up twice as often.
    skewed.add(std::to_string(smallest_code + static_cast<unsigned>(i) % 1'048'576 * 7919U % 1'048'576 % 900'000));
  }
  CHECK_FALSE(skewed.looks_fair());
}

TEST_CASE("random texts have the length and alphabet asked for") {
  CHECK(random_hex(0).empty());
  CHECK(random_hex(40).size() == 80);
  CHECK(random_hex(1000).find_first_not_of("0123456789abcdef") == std::string::npos);
  CHECK(random_alphanumeric(0).empty());
  const std::string text = random_alphanumeric(10'000);
  CHECK(text.size() == 10'000);
  CHECK(text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789") == std::string::npos);
}

TEST_CASE("every alphanumeric character is as likely as another") {
  bool fair = false;
  for (int sample_number = 0; sample_number < 3 && !fair; ++sample_number) {
    std::vector<long> by_byte(128);
    for (const char c : random_alphanumeric(620'000))
      ++by_byte[static_cast<std::size_t>(c)];
    std::vector<long> counts;
    for (const long count : by_byte) {
      if (count > 0) counts.push_back(count);
    }
    REQUIRE(counts.size() == 62);
    fair = looks_uniform(counts);
  }
  CHECK(fair);
}

TEST_CASE("128-bit values do not repeat, within a thread or across threads") {
  constexpr std::size_t per_thread = 20'000;
  std::array<std::vector<std::string>, 4> drawn;
  {
    std::vector<std::jthread> threads;
    for (auto& mine : drawn) {
      threads.emplace_back([&mine] {
        for (std::size_t i = 0; i < per_thread; ++i)
          mine.push_back(random_hex(16));
      });
    }
  }
  std::set<std::string> distinct;
  for (const auto& values : drawn)
    distinct.insert(values.begin(), values.end());
  CHECK(distinct.size() == drawn.size() * per_thread);
}
