// The services over a real database of each engine, with a clock and a gateway of the test's own.
//
// A test on SQLite has a file of its own. On MariaDB all tests of the program share one database (making one costs half
// a second), so each takes numbers that no other has; a test that looks at whole tables asks for a database of its own.
#pragma once

#include "core/account.hpp"
#include "core/phone_number.hpp"
#include "crypto/random.hpp"
#include "service/memory_gateway.hpp"
#include "service/run_together.hpp"
#include "service/test_clock.hpp"
#include "service/test_node.hpp"
#include "store/account_store.hpp"
#include "store/fresh_database.hpp"
#include "store/session_store.hpp"
#include "support/run_to_end.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace smsauth::test {

/// "ok" or the name of the failure: what a test compares and doctest prints.
template <class T>
std::string outcome(const core::result<T>& of) {
  return of.has_value() ? "ok" : std::string(core::to_string(of.error().code));
}
/// "send_limited 3600": with the seconds to wait.
template <class T>
std::string outcome_and_wait(const core::result<T>& of) {
  return of.has_value() ? "ok" : outcome(of) + ' ' + std::to_string(of.error().retry_after_seconds);
}
template <class T>
std::size_t count_of(const std::vector<core::result<T>>& results, std::string_view wanted) {
  std::size_t count = 0;
  for (const auto& each : results)
    count += outcome(each) == wanted ? 1 : 0;
  return count;
}

inline constexpr std::array all_dialects{core::dialect::discuzq, core::dialect::v4, core::dialect::smssend,
                                         core::dialect::module};

/// A number that no other test of this process uses.
core::phone_number new_phone();

/// Who calls: the request's part of a call.
class client {
 public:
  explicit client(core::dialect where, std::string address = "198.51.100.7", std::string agent = "app/1.0")
      : address_(std::move(address)), agent_(std::move(agent)), who_(where, address_, address_, agent_, event_) {}
  client(const client&) = delete;
  client& operator=(const client&) = delete;

  operator const service::caller&() const { return who_; }  // NOLINT(google-explicit-constructor): reads well
  const telemetry::event& event() const { return event_; }

 private:
  std::string address_;
  std::string agent_;
  telemetry::event event_;
  service::caller who_;
};

service::send_request sending(const core::phone_number& to, core::purpose why, std::string owner = {});
service::code_login_request login_with(const core::phone_number& phone, std::string_view code, bool create = false);
service::registration_request registration_with(const core::phone_number& phone, std::string_view code,
                                                std::optional<std::string_view> password = {});

struct set_up {
  std::function<void(service::settings&)> configure = {};
  std::size_t hash_queue = 64;
  bool own_database = false;
};

class fixture {
 public:
  explicit fixture(store::sql_flavor flavor, set_up wanted = {});
  ~fixture();
  fixture(const fixture&) = delete;
  fixture& operator=(const fixture&) = delete;

  bool is_sqlite() const { return database_->settings().flavor == store::sql_flavor::sqlite; }
  const store::database_settings& where() const { return database_->settings(); }

  service::settings config() const;
  /// One more server on the same database; only MariaDB is made for it in earnest.
  std::unique_ptr<test_node> new_node() { return new_node(config()); }
  std::unique_ptr<test_node> new_node(const service::settings& config);

  test_node& node() { return *node_; }
  service::verification_service& verifications() { return node_->verifications(); }
  service::account_service& accounts() { return node_->accounts(); }
  service::session_service& sessions() { return node_->sessions(); }

  /// Runs a coroutine to its end, and what it started.
  template <class T>
  T call(runtime::awaitable<T> coroutine) {
    return run_to_end(std::move(coroutine));
  }
  void call(runtime::awaitable<void> coroutine) { run_to_end(std::move(coroutine)); }
  /// Work in a transaction of its own, beside the services. Returns what it returns.
  template <class Work>
  auto change(Work work) {
    std::optional<std::invoke_result_t<Work&, store::transaction&>> result;
    write([&](store::transaction& in) { result.emplace(work(in)); });
    REQUIRE(outcome(*result) == "ok");
    return std::move(*result);
  }

  // --- flows that tests begin with; each requires its success

  /// The code, as the gateway got it.
  std::string send_code(const client& who, const core::phone_number& phone, core::purpose why,
                        const std::string& owner = {});
  std::string last_code(const core::phone_number& phone) const;
  /// A new account with a live session and no password.
  service::signed_in sign_up(const client& who, const core::phone_number& phone) { return log_in(who, phone, true); }
  /// By a fresh code. At least a minute after the last login code of this number.
  service::signed_in log_in(const client& who, const core::phone_number& phone, bool create = false);
  service::signed_in register_with(const client& who, const core::phone_number& phone, std::string_view password);
  service::principal proved(const client& who, const service::token_set& tokens);
  service::principal session_of_new_account(const client& who, const core::phone_number& phone) {
    return proved(who, sign_up(who, phone).tokens);
  }
  /// An account that has no number yet, as WeChat logins make them.
  service::principal account_without_number(core::dialect where);

  core::result<service::signed_in> password_login(const client& who, const core::phone_number& phone,
                                                  std::string_view password);

  outside_session sql() const { return database_->outside(); }
  long long number(const std::string& query) const;
  std::string text(const std::string& query) const;
  /// SELECT `what` FROM `table` WHERE phone = …
  long long number_of(const std::string& what, const std::string& table, const core::phone_number& phone) const;

  test_clock time;
  memory_gateway gateway;

 private:
  static fresh_database& shared_mariadb();
  void write(const std::function<void(store::transaction&)>& work);

  const set_up wanted_;
  std::unique_ptr<fresh_database> own_;
  fresh_database* database_ = nullptr;
  std::unique_ptr<test_node> node_;
};

/// Runs `body` with the services on each engine.
void with_services(const std::function<void(fixture&)>& body, const set_up& wanted = {});

}  // namespace smsauth::test
