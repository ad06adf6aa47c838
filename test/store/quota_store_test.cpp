#include "store/quota_store.hpp"

#include "store/fresh_database.hpp"
#include "store/test_units.hpp"

#include <doctest/doctest.h>

#include <array>
#include <map>
#include <optional>
#include <random>
#include <string>

using namespace smsauth;
using core::purpose;
using store::transaction;
using test::fresh_database;
namespace quota = store::quota;

namespace {

constexpr core::epoch_ms start = 1'790'000'000'000;
constexpr const char* phone = "+8613800138000";

// The rules in plain C++, one number at a time. The statements have to decide the same, step by step.
class quota_model {
 public:
  bool charge_send(purpose why, core::epoch_ms now, std::int64_t gap_seconds, const core::code_limits& limits) {
    auto& sent_at = sent_at_[static_cast<std::size_t>(why)];
    if (known_) {
      if (sent_at > now - gap_seconds * core::ms_per_second) return false;
      if (!hour_over(now) && row_.hour_sends >= core::cap_or_none(limits.phone_sends_per_hour)) return false;
      if (!day_over(now) && row_.day_sends >= core::cap_or_none(limits.phone_sends_per_day)) return false;
    }
    if (!known_ || hour_over(now)) {
      row_.hour_started_at = now;
      row_.hour_sends = 0;
    }
    if (!known_ || day_over(now)) {
      row_.day_started_at = now;
      row_.day_sends = 0;
    }
    ++row_.hour_sends;
    ++row_.day_sends;
    sent_at = now;
    known_ = true;
    return true;
  }

  bool charge_try(core::epoch_ms now, const core::code_limits& limits) {
    known_ = true;  // a number never heard of gets a row as well
    const bool over = row_.wrong_started_at <= now - core::ms_per_day;
    if (!over && row_.wrong_tries >= core::cap_or_none(limits.wrong_tries_per_day)) return false;
    if (over) {
      row_.wrong_started_at = now;
      row_.wrong_tries = 0;
    }
    ++row_.wrong_tries;
    return true;
  }

  void clear_tries() { row_.wrong_started_at = row_.wrong_tries = 0; }

  /// Would anything be decided otherwise if the row were not there?
  bool matters(core::epoch_ms now, const core::code_limits& limits) const {
    for (const purpose why : core::all_purposes) {
      quota_model sends = *this;
      if (!sends.charge_send(why, now, limits.smssend_resend_gap_seconds, limits)) return true;
    }
    return known_ && ((row_.wrong_tries > 0 && row_.wrong_started_at > now - core::ms_per_day) || !hour_over(now) ||
                      !day_over(now));
  }

  bool known() const { return known_; }
  core::phone_quota seen(purpose why) const {
    core::phone_quota row = row_;
    row.sent_at = sent_at_[static_cast<std::size_t>(why)];
    return row;
  }

 private:
  bool hour_over(core::epoch_ms now) const { return row_.hour_started_at <= now - core::ms_per_hour; }
  bool day_over(core::epoch_ms now) const { return row_.day_started_at <= now - core::ms_per_day; }

  bool known_ = false;
  core::phone_quota row_;
  std::array<core::epoch_ms, core::all_purposes.size()> sent_at_{};
};

void check_same(const std::optional<core::phone_quota>& stored, const quota_model& model, purpose why) {
  CHECK(stored.has_value() == model.known());
  if (!stored || !model.known()) return;
  const core::phone_quota expected = model.seen(why);
  CHECK(stored->hour_started_at == expected.hour_started_at);
  CHECK(stored->hour_sends == expected.hour_sends);
  CHECK(stored->day_started_at == expected.day_started_at);
  CHECK(stored->day_sends == expected.day_sends);
  CHECK(stored->wrong_started_at == expected.wrong_started_at);
  CHECK(stored->wrong_tries == expected.wrong_tries);
  CHECK(stored->sent_at == expected.sent_at);
}

// A refusal has a reason, and the wait it names is enough, while one millisecond less than the limit's end is not.
void check_send_explained(const core::phone_quota& seen, core::epoch_ms now, std::int64_t gap_seconds,
                          const core::code_limits& limits, const quota_model& model, purpose why) {
  const core::failure told = core::explain_send_refusal(seen, now, gap_seconds, limits);
  CHECK((told.code == core::errc::send_too_soon || told.code == core::errc::send_limited));
  REQUIRE(told.retry_after_seconds > 0);
  quota_model later = model;
  CHECK(later.charge_send(why, now + told.retry_after_seconds * core::ms_per_second, gap_seconds, limits));
  quota_model sooner = model;
  CHECK_FALSE(
      sooner.charge_send(why, now + (told.retry_after_seconds - 1) * core::ms_per_second - 1, gap_seconds, limits));
}

void check_try_explained(const core::phone_quota& seen, core::epoch_ms now, const core::code_limits& limits,
                         const quota_model& model) {
  const core::failure told = core::explain_try_refusal(seen, now, limits);
  CHECK(told.code == core::errc::phone_locked);
  REQUIRE(told.retry_after_seconds > 0);
  quota_model later = model;
  CHECK(later.charge_try(now + told.retry_after_seconds * core::ms_per_second, limits));
}

class random_history {
 public:
  explicit random_history(std::uint32_t seed, const core::code_limits& limits) : random_(seed), limits_(limits) {}

  void step(transaction& in) {
    // Mostly the edges of the gap; now and then those of a window; clocks also step back.
    now_ += pick({0,   0,    0,      0,      0,      0,      0,      0,       0,       0,  1,     1,
                  999, 1000, 59'999, 59'999, 60'000, 60'000, 60'001, 120'000, 600'000, -1, -1000, -60'000});
    if (pick({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}) == 0) {
      now_ += pick({core::ms_per_hour - 1, core::ms_per_hour, core::ms_per_hour + 1, core::ms_per_day - 1,
                    core::ms_per_day, 3 * core::ms_per_day, -core::ms_per_hour});
    }
    const std::string number = "+861380013800" + std::to_string(pick({0, 1, 2}));
    const purpose why = core::all_purposes[static_cast<std::size_t>(pick({0, 0, 0, 1, 2, 3, 4, 5, 6}))];
    quota_model& model = models_[number];
    CAPTURE(number);
    CAPTURE(now_ - start);
    CAPTURE(to_string(why));
    switch (pick({0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 2, 2, 3})) {
      case 0:
        send(in, number, why, model);
        break;
      case 1:
        attempt(in, number, why, model);
        break;
      case 3:
        purge(in);
        break;
      default:
        quota::clear_tries(in, number).get();
        model.clear_tries();
    }
    check_same(quota::load(in, number, why), model, why);
  }

  int sent = 0, send_refused = 0, tried = 0, try_refused = 0, purged = 0;

 private:
  void send(transaction& in, const std::string& number, purpose why, quota_model& model) {
    const std::int64_t gap = pick({0, 1, 60, 120});
    const quota_model before = model;
    const bool expected = model.charge_send(why, now_, gap, limits_);
    const bool charged =
        quota::charge_send(in, number, why, "request-" + std::to_string(++requests_), now_, gap, limits_).get();
    CHECK(charged == expected);
    ++(charged ? sent : send_refused);
    if (!charged) check_send_explained(quota::load(in, number, why).value(), now_, gap, limits_, before, why);
  }

  void attempt(transaction& in, const std::string& number, purpose why, quota_model& model) {
    const bool expected = model.charge_try(now_, limits_);
    const bool charged = quota::charge_try(in, number, now_, limits_).get();
    CHECK(charged == expected);
    ++(charged ? tried : try_refused);
    const auto seen = quota::load(in, number, why);
    if (!charged && seen) check_try_explained(*seen, now_, limits_, model);
  }

  // As old as maintenance takes them. What is purged may not have mattered any more.
  void purge(transaction& in) {
    quota::purge_after(in, "", now_ - 2 * core::ms_per_day, 1000);
    for (auto& [number, model] : models_) {
      if (!model.known() || quota::load(in, number, purpose::login)) continue;
      CHECK_FALSE(model.matters(now_, limits_));
      model = {};
      ++purged;
    }
  }

  std::int64_t pick(std::initializer_list<std::int64_t> of) {
    return *(of.begin() +
             std::uniform_int_distribution<std::ptrdiff_t>(0, static_cast<std::ptrdiff_t>(of.size()) - 1)(random_));
  }

  std::mt19937 random_;
  core::code_limits limits_;
  core::epoch_ms now_ = start;
  int requests_ = 0;
  std::map<std::string, quota_model> models_;
};

}  // namespace

TEST_CASE("statements and rules agree on every step of random histories") {
  core::code_limits narrow;
  narrow.phone_sends_per_hour = 2;
  narrow.phone_sends_per_day = 3;
  narrow.wrong_tries_per_day = 3;
  core::code_limits none;
  none.phone_sends_per_hour = none.phone_sends_per_day = none.wrong_tries_per_day = 0;
  std::uint32_t seed = 20261;
  for (const core::code_limits& limits : {core::code_limits{}, narrow, none}) {
    ++seed;
    CAPTURE(seed);
    test::on_each_engine([&](fresh_database& db) {
      constexpr int units = 40;
      constexpr int steps_per_unit = 50;
      random_history history(seed, limits);
      for (int i = 0; i < units; ++i) {
        test::write(*db, [&](transaction& in) {
          for (int j = 0; j < steps_per_unit; ++j)
            history.step(in);
        });
      }
      // A history that never refuses, or never permits, would show nothing.
      CHECK(history.sent > 100);
      CHECK(history.send_refused > 50);
      CHECK(history.tried > 100);
      CHECK(history.purged > 0);
      if (limits.wrong_tries_per_day == 3) CHECK(history.try_refused > 100);
    });
  }
}

TEST_CASE("the gap is per purpose and ends on the millisecond") {
  test::on_each_engine([](fresh_database& db) {
    const core::code_limits limits;
    int request = 0;
    const auto send = [&](transaction& in, purpose why, core::epoch_ms at) {
      return quota::charge_send(in, phone, why, std::to_string(++request), at, 60, limits).get();
    };
    test::write(*db, [&](transaction& in) {
      CHECK(send(in, purpose::login, start));
      CHECK_FALSE(send(in, purpose::login, start));
      CHECK_FALSE(send(in, purpose::login, start + 59'999));
      CHECK(send(in, purpose::verify, start));
      CHECK(send(in, purpose::login, start + 60'000));
      CHECK_FALSE(send(in, purpose::login, start + 119'999));
    });
    const auto row = test::read(*db, [](transaction& in) { return quota::load(in, phone, purpose::login); });
    CHECK(row->hour_sends == 3);  // refused sends are not counted
    CHECK(row->sent_at == start + 60'000);
    CHECK(test::read(*db, [](transaction& in) { return quota::load(in, phone, purpose::verify); })->sent_at == start);
    CHECK(test::read(*db, [](transaction& in) { return quota::load(in, phone, purpose::bind); })->sent_at == 0);
    CHECK_FALSE(
        test::read(*db, [](transaction& in) { return quota::load(in, "+8613800138001", purpose::login); }).has_value());
  });
}

TEST_CASE("five sends an hour and ten a day over all purposes") {
  test::on_each_engine([](fresh_database& db) {
    const core::code_limits limits;
    int request = 0;
    const auto send_all = [&](transaction& in, core::epoch_ms at) {
      int sent = 0;
      for (const purpose why : core::all_purposes) {
        sent += quota::charge_send(in, phone, why, std::to_string(++request), at, 60, limits).get() ? 1 : 0;
      }
      return sent;
    };
    test::write(*db, [&](transaction& in) {
      CHECK(send_all(in, start) == 5);
      CHECK(send_all(in, start + core::ms_per_hour - 1) == 0);
      CHECK(send_all(in, start + core::ms_per_hour) == 5);
      CHECK(send_all(in, start + 2 * core::ms_per_hour) == 0);
      CHECK(send_all(in, start + core::ms_per_day - 1) == 0);
      CHECK(send_all(in, start + core::ms_per_day) == 5);
    });
  });
}

TEST_CASE("ten wrong tries a day, forgiven by a success and by the end of the window") {
  test::on_each_engine([](fresh_database& db) {
    const core::code_limits limits;
    test::write(*db, [&](transaction& in) {
      CHECK(quota::charge_try(in, phone, start, limits).get());  // counted before anything was sent
      CHECK(quota::charge_send(in, phone, purpose::login, "1", start, 60, limits).get());
      for (int i = 1; i < 10; ++i)
        CHECK(quota::charge_try(in, phone, start + i, limits).get());
      CHECK_FALSE(quota::charge_try(in, phone, start + 20, limits).get());
      CHECK(quota::charge_send(in, phone, purpose::login, "2", start + 60'000, 60, limits).get());
      CHECK_FALSE(quota::charge_try(in, phone, start + 60'001, limits).get());  // a new code resets nothing
      CHECK_FALSE(quota::charge_try(in, phone, start + core::ms_per_day - 1, limits).get());
      CHECK(quota::charge_try(in, phone, start + core::ms_per_day, limits).get());
      for (int i = 0; i < 9; ++i)
        CHECK(quota::charge_try(in, phone, start + core::ms_per_day, limits).get());
      CHECK_FALSE(quota::charge_try(in, phone, start + core::ms_per_day, limits).get());
      quota::clear_tries(in, phone).get();
      CHECK(quota::charge_try(in, phone, start + core::ms_per_day, limits).get());
      quota::clear_tries(in, "+8613800138001").get();  // nobody
    });
  });
}

TEST_CASE("a first send that is run again after a rollback counts once") {
  test::on_each_engine([](fresh_database& db) {
    const core::code_limits limits;
    test::unit_batch batch;
    int runs = 0;
    auto& unit = batch.add([&](transaction& in) {
      CHECK(quota::charge_send(in, phone, purpose::login, "request", start, 60, limits).get());
      if (++runs == 1) throw store::sql_error(store::sql_error_kind::refused_open, 0, "test");
    });
    batch.run(*db);
    CHECK(unit.succeeded());
    CHECK(runs == 2);
    CHECK(test::read(*db, [](transaction& in) { return quota::load(in, phone, purpose::login); })->hour_sends == 1);
  });
}
