#include "store/password_store.hpp"

#include "store/purge.hpp"

#include <utility>

namespace smsauth::store::passwords {

namespace {

constexpr std::string_view name_of(kind which) {
  return which == kind::login ? "login" : "pay";
}

constexpr sql select_password{"password.find", "SELECT phc, failures FROM password WHERE uid = :p1 AND kind = :p2"};
// Where no hash is found a text stands in for it that is as long as most of them.
constexpr std::string_view no_hash =
    "-------------------------------------------------------------------------------------------------";
constexpr sql select_login{
    "password.find_login",
    "SELECT COALESCE(i.uid, 0), COALESCE(p.phc, :p1) FROM (SELECT 1) one LEFT JOIN identity i ON i.phone = :p2 "
    "LEFT JOIN password p ON p.uid = i.uid AND p.kind = 'login'"};
constexpr sql upsert_password{
    "password.record",
    "INSERT INTO password (uid, kind, phc, failures, updated_at) VALUES (:p1, :p2, :p3, 0, :p4) "
    "ON CONFLICT (uid, kind) DO UPDATE SET phc = excluded.phc, failures = 0, updated_at = excluded.updated_at",
    "INSERT INTO password (uid, kind, phc, failures, updated_at) VALUES (:p1, :p2, :p3, 0, :p4) "
    "ON DUPLICATE KEY UPDATE phc = VALUES(phc), failures = 0, updated_at = VALUES(updated_at)"};
constexpr sql swap_password{
    "password.replace", "UPDATE password SET phc = :p1, updated_at = :p2 WHERE uid = :p3 AND kind = :p4 AND phc = :p5"};
constexpr sql count_pay_try{"password.charge_pay_try",
                            "UPDATE password SET failures = failures + 1, updated_at = :p1 WHERE uid = :p2 AND kind = "
                            "'pay' AND failures < :p3"};
constexpr sql clear_pay{"password.clear_pay_tries",
                        "UPDATE password SET failures = 0, updated_at = :p1 WHERE uid = :p2 AND kind = 'pay'"};

constexpr sql select_failures{"login_failure.find", "SELECT failures, retry_at FROM login_failure WHERE phone = :p1"};
constexpr sql insert_failure{
    "login_failure.first",
    "INSERT INTO login_failure (phone, failures, retry_at, updated_at) VALUES (:p1, :p2, :p3, :p4)"};
constexpr sql move_failure{"login_failure.next",
                           "UPDATE login_failure SET failures = :p1, retry_at = :p2, updated_at = :p3 "
                           "WHERE phone = :p4 AND failures = :p5 AND retry_at = :p6"};
constexpr sql delete_failure{"login_failure.clear", "DELETE FROM login_failure WHERE phone = :p1"};

constexpr sql login_failure_keys{"login_failure.keys",
                                 "SELECT phone FROM login_failure WHERE phone > :p1 ORDER BY phone LIMIT :p2"};
constexpr sql purge_login_failure{"login_failure.purge",
                                  "DELETE FROM login_failure WHERE phone > :p1 AND phone <= :p2 AND updated_at < :p3"};

}  // namespace

std::optional<stored_password> find(transaction& in, std::int64_t uid, kind which) {
  const auto row = in.row<std::tuple<text_column, int_column>>(select_password, uid, name_of(which));
  if (!row) return std::nullopt;
  return stored_password{std::get<0>(*row), std::get<1>(*row)};
}

login_password find_login(transaction& in, std::string_view phone) {
  auto row = in.row<std::tuple<int_column, text_column>>(select_login, no_hash, phone);
  if (!row) return {};
  login_password found{std::get<0>(*row), std::move(std::get<1>(*row))};
  if (found.phc == no_hash) found.phc.clear();
  return found;
}

void record(transaction& in, std::int64_t uid, kind which, std::string_view phc, core::epoch_ms now) {
  in.execute(upsert_password, uid, name_of(which), phc, now);
}

bool replace_hash(transaction& in, std::int64_t uid, kind which, std::string_view old_phc, std::string_view new_phc,
                  core::epoch_ms now) {
  return in.execute(swap_password, new_phc, now, uid, name_of(which), old_phc) == 1;
}

bool charge_pay_try(transaction& in, std::int64_t uid, std::int64_t cap, core::epoch_ms now) {
  return in.execute(count_pay_try, now, uid, cap) == 1;
}

void clear_pay_tries(transaction& in, std::int64_t uid, core::epoch_ms now) {
  in.execute(clear_pay, now, uid);
}

std::optional<login_failures> find_failures(transaction& in, std::string_view phone) {
  const auto row = in.row<std::tuple<int_column, int_column>>(select_failures, phone);
  if (!row) return std::nullopt;
  return login_failures{std::get<0>(*row), std::get<1>(*row)};
}

bool charge_failure(transaction& in, std::string_view phone, const std::optional<login_failures>& seen,
                    const login_failures& next, core::epoch_ms now) {
  if (seen)
    return in.execute(move_failure, next.failures, next.retry_at, now, phone, seen->failures, seen->retry_at) == 1;
  try {
    return in.execute(insert_failure, phone, next.failures, next.retry_at, now) == 1;
  } catch (const sql_error& error) {
    if (error.kind() != sql_error_kind::duplicate) throw;
    return false;
  }
}

void clear_failures(transaction& in, std::string_view phone) {
  in.execute(delete_failure, phone);
}

std::string purge_failures_after(transaction& in, std::string_view after, core::epoch_ms dead_before,
                                 std::int64_t limit) {
  return purge::key_range(in, login_failure_keys, purge_login_failure, after, dead_before, limit);
}

}  // namespace smsauth::store::passwords
