// What each flow costs in statements and commits: an addition nobody decided on fails here.
#include "service/service_fixture.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace smsauth;
using namespace smsauth::test;
using core::purpose;

namespace {

struct cost {
  std::uint64_t statements;
  std::uint64_t commits;
  friend bool operator==(const cost&, const cost&) = default;
};

std::string text(const cost& of) {
  return std::to_string(of.statements) + " in " + std::to_string(of.commits);
}

template <class Flow>
cost cost_of(fixture& f, Flow flow) {
  store::database_counters& counters = f.node().database.counters();
  const cost before{counters.statements, counters.commits};
  flow();
  return {counters.statements - before.statements, counters.commits - before.commits};
}

// A transaction of its own costs two more: BEGIN and COMMIT on SQLite, the lane's marker and COMMIT on MariaDB. Under
// load up to 64 requests share them.
constexpr std::uint64_t around_each = 2;

std::string expected(std::uint64_t statements, std::uint64_t commits) {
  return text({statements + around_each * commits, commits});
}

// The first of everything costs more: lanes open their markers, a block of uids is fetched. 80 transactions reach all
// four lanes.
void warm_up(fixture& f) {
  const client who(core::dialect::discuzq);
  f.sign_up(who, new_phone());
  for (int i = 0; i < 40; ++i)
    f.send_code(who, new_phone(), purpose::login);
}

}  // namespace

TEST_CASE("statements and commits of each flow") {
  with_services([](fixture& f) {
    warm_up(f);
    const client who(core::dialect::discuzq);
    const auto phone = new_phone();
    std::string code;
    service::signed_in session;
    // Charge, code, message; and the mark after the hand-over in a commit that it shares with others under load.
    CHECK(text(cost_of(f, [&] { code = f.send_code(who, phone, purpose::login); })) == expected(4, 2));
    {
      const auto request = login_with(phone, code, true);
      // Try, code, its message's history, forgive; find by number; identity, account; session.
      CHECK(text(cost_of(f, [&] { session = *f.call(f.accounts().login_by_code(who, request)).value().session; })) ==
            expected(8, 1));
    }
    f.time.advance_seconds(61);
    code = f.send_code(who, phone, purpose::login);
    {
      const auto request = login_with(phone, code);
      CHECK(text(cost_of(f, [&] { session = *f.call(f.accounts().login_by_code(who, request)).value().session; })) ==
            expected(7, 1));
    }
    {
      const auto request = login_with(phone, "000000");
      CHECK(text(cost_of(f, [&] { f.call(f.accounts().login_by_code(who, request)); })) == expected(3, 1));
    }
    CHECK(text(cost_of(f, [&] { f.proved(who, session.tokens); })) == text({2, 0}));
    CHECK(text(cost_of(f, [&] { f.call(f.sessions().refresh(who, session.tokens.refresh_token)); })) == expected(3, 1));
    CHECK(text(cost_of(f, [&] { f.call(f.sessions().sign_out(who, session.tokens.access_token)); })) == expected(2, 1));
    CHECK(text(cost_of(f, [&] { f.call(f.verifications().is_registered(who, phone)); })) == text({1, 0}));

    const auto registered = new_phone();
    code = f.send_code(who, registered, purpose::register_account);
    {
      const auto request = registration_with(registered, code, "pass-word-1");
      CHECK(text(cost_of(f, [&] { f.call(f.accounts().register_account(who, request)); })) == expected(10, 2));
    }
    CHECK(text(cost_of(f, [&] { f.password_login(who, registered, "pass-word-1"); })) == expected(8, 2));
    CHECK(text(cost_of(f, [&] { f.password_login(who, registered, "wrong-pass"); })) == expected(3, 1));
  });
}

TEST_CASE(
    "a send and a login by code keep their budgets: at most 3 statements before the reply of a send, 7 of a login") {
  with_services([](fixture& f) {
    warm_up(f);
    const client who(core::dialect::v4);
    const auto phone = new_phone();
    f.sign_up(who, phone);
    f.time.advance_seconds(61);
    std::string code;
    const cost send = cost_of(f, [&] { code = f.send_code(who, phone, purpose::login); });
    CHECK(send.statements - around_each * send.commits <= 3 + 1);  // and the mark, after the reply
    const auto request = login_with(phone, code);
    const cost login = cost_of(f, [&] { f.call(f.accounts().login_by_code(who, request)); });
    CHECK(login.statements - around_each * login.commits <= 7 + 2);  // v4 shows memberships: two more
    CHECK(login.commits == 1);
  });
}
