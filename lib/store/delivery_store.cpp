#include "store/delivery_store.hpp"

#include "store/purge.hpp"

namespace smsauth::store::deliveries {

namespace {

constexpr std::size_t code_bytes = 64;
constexpr std::size_t provider_id_bytes = 128;
constexpr std::size_t error_code_bytes = 32;

// Run again after a lost connection, the same try is the same row.
constexpr sql insert_attempt{"delivery.attempt",
                             R"(
INSERT INTO delivery_attempt (message_id, started_at, gateway, outcome, rejection, provider_code, provider_id, parts, took_ms)
VALUES (:p1, :p2, :p3, :p4, :p5, :p6, :p7, :p8, :p9)
ON CONFLICT (message_id, started_at) DO UPDATE SET outcome = excluded.outcome)",
                             R"(
INSERT INTO delivery_attempt (message_id, started_at, gateway, outcome, rejection, provider_code, provider_id, parts, took_ms)
VALUES (:p1, :p2, :p3, :p4, :p5, :p6, :p7, :p8, :p9)
ON DUPLICATE KEY UPDATE outcome = VALUES(outcome))"};

// MySQL assigns from left to right: state last, since the others look at the old one.
constexpr sql upsert_receipt{"delivery.receipt",
                             R"(
INSERT INTO delivery_receipt (receipt_key, state, error_code, reported_at, received_at) VALUES (:p1, :p2, :p3, :p4, :p5)
ON CONFLICT (receipt_key) DO UPDATE SET state = excluded.state, error_code = excluded.error_code,
  reported_at = excluded.reported_at, received_at = excluded.received_at
WHERE delivery_receipt.state < 2 AND excluded.state >= delivery_receipt.state)",
                             R"(
INSERT INTO delivery_receipt (receipt_key, state, error_code, reported_at, received_at) VALUES (:p1, :p2, :p3, :p4, :p5)
ON DUPLICATE KEY UPDATE
  error_code = IF(state < 2 AND VALUES(state) >= state, VALUES(error_code), error_code),
  reported_at = IF(state < 2 AND VALUES(state) >= state, VALUES(reported_at), reported_at),
  received_at = IF(state < 2 AND VALUES(state) >= state, VALUES(received_at), received_at),
  state = IF(state < 2 AND VALUES(state) >= state, VALUES(state), state))"};

constexpr sql insert_refusal{"delivery.refusal",
                             R"(
INSERT INTO send_refusal (phone, id, purpose, dialect, address, reason, refused_at, hits)
VALUES (:p1, :p2, :p3, :p4, :p5, :p6, :p7, :p8) ON CONFLICT (phone, id) DO UPDATE SET
  dialect = excluded.dialect, address = excluded.address, refused_at = excluded.refused_at, hits = hits + excluded.hits)",
                             R"(
INSERT INTO send_refusal (phone, id, purpose, dialect, address, reason, refused_at, hits)
VALUES (:p1, :p2, :p3, :p4, :p5, :p6, :p7, :p8) ON DUPLICATE KEY UPDATE
  dialect = VALUES(dialect), address = VALUES(address), refused_at = VALUES(refused_at), hits = hits + VALUES(hits))"};

constexpr sql select_attempts{"delivery.attempts_of", R"(
SELECT message_id, started_at, gateway, outcome, rejection, provider_code, provider_id, parts, took_ms
FROM delivery_attempt WHERE message_id = :p1 ORDER BY started_at LIMIT 100)"};
constexpr sql select_attempts_in_range{"delivery.attempts_in_range", R"(
SELECT message_id, started_at, gateway, outcome, rejection, provider_code, provider_id, parts, took_ms
FROM delivery_attempt WHERE message_id >= :p1 AND message_id < :p2 ORDER BY message_id, started_at)"};
constexpr sql select_receipt{
    "delivery.receipt_of",
    "SELECT state, error_code, reported_at, received_at FROM delivery_receipt WHERE receipt_key = :p1"};
// An accepted try's provider id is the key of its receipts.
constexpr sql select_receipts_in_range{"delivery.receipts_in_range",
                                       R"(
SELECT a.message_id, r.state, r.error_code, r.reported_at, r.received_at FROM delivery_attempt a
JOIN delivery_receipt r ON r.receipt_key = a.gateway || ':' || a.provider_id
WHERE a.message_id >= :p1 AND a.message_id < :p2 AND a.provider_id <> '')",
                                       R"(
SELECT a.message_id, r.state, r.error_code, r.reported_at, r.received_at FROM delivery_attempt a
JOIN delivery_receipt r ON r.receipt_key = CONCAT(a.gateway, CHAR(58), a.provider_id)
WHERE a.message_id >= :p1 AND a.message_id < :p2 AND a.provider_id <> '')"};
constexpr sql select_refusals{"delivery.refusals_of", R"(
SELECT id, phone, purpose, dialect, address, reason, refused_at, hits FROM send_refusal
WHERE phone = :p1 AND id >= :p2 ORDER BY id DESC LIMIT :p3)"};

constexpr sql attempt_keys{
    "delivery.attempt_keys",
    "SELECT message_id FROM delivery_attempt WHERE message_id > :p1 ORDER BY message_id LIMIT :p2"};
constexpr sql purge_attempts{
    "delivery.purge_attempts",
    "DELETE FROM delivery_attempt WHERE message_id > :p1 AND message_id <= :p2 AND message_id < :p3"};
constexpr sql receipt_keys{
    "delivery.receipt_keys",
    "SELECT receipt_key FROM delivery_receipt WHERE receipt_key > :p1 ORDER BY receipt_key LIMIT :p2"};
constexpr sql purge_receipts{
    "delivery.purge_receipts",
    "DELETE FROM delivery_receipt WHERE receipt_key > :p1 AND receipt_key <= :p2 AND received_at < :p3"};
constexpr sql refusal_keys{"delivery.refusal_keys",
                           "SELECT phone FROM send_refusal WHERE phone > :p1 ORDER BY phone LIMIT :p2"};
constexpr sql purge_refusals{"delivery.purge_refusals",
                             "DELETE FROM send_refusal WHERE phone > :p1 AND phone <= :p2 AND refused_at < :p3"};

using attempt_columns = std::tuple<text_column, int_column, text_column, text_column, text_column, text_column,
                                   text_column, int_column, int_column>;

std::vector<attempt> to_attempts(const std::vector<attempt_columns>& rows) {
  std::vector<attempt> found;
  found.reserve(rows.size());
  for (const auto& [id, started, gateway, outcome, rejection, code, provider, parts, took] : rows)
    found.push_back({id, started, gateway, outcome, rejection, code, provider, parts, took});
  return found;
}

std::string receipt_key(std::string_view gateway, std::string_view provider_id) {
  return std::string(gateway).append(1, ':').append(provider_id.substr(0, provider_id_bytes));
}

}  // namespace

void record_attempts(transaction& in, std::span<const attempt> all) {
  for (const attempt& each : all) {
    in.execute(insert_attempt, each.message_id, each.started_at, each.gateway, each.outcome, each.rejection,
               std::string_view(each.provider_code).substr(0, code_bytes),
               std::string_view(each.provider_id).substr(0, provider_id_bytes), each.parts, each.took_ms);
  }
}

void record_receipt(transaction& in, std::string_view gateway, std::string_view provider_id, const receipt& told) {
  in.execute(upsert_receipt, receipt_key(gateway, provider_id), told.state,
             std::string_view(told.error_code).substr(0, error_code_bytes), told.reported_at, told.received_at);
}

void record_refusals(transaction& in, std::span<const refusal> all) {
  for (const refusal& each : all) {
    in.execute(insert_refusal, each.phone, each.id, each.purpose, each.dialect, each.address, each.reason,
               each.refused_at, each.hits);
  }
}

std::vector<attempt> attempts_of(transaction& in, std::string_view message_id) {
  return to_attempts(in.rows<attempt_columns>(select_attempts, message_id));
}

std::vector<attempt> attempts_in_range(transaction& in, std::string_view from_id, std::string_view below_id) {
  return to_attempts(in.rows<attempt_columns>(select_attempts_in_range, from_id, below_id));
}

std::optional<receipt> receipt_of(transaction& in, std::string_view gateway, std::string_view provider_id) {
  using row = std::tuple<int_column, text_column, int_column, int_column>;
  const auto found = in.row<row>(select_receipt, receipt_key(gateway, provider_id));
  if (!found) return std::nullopt;
  const auto& [state, code, reported, received] = *found;
  return receipt{state, code, reported, received};
}

std::vector<message_receipt> receipts_in_range(transaction& in, std::string_view from_id, std::string_view below_id) {
  using row = std::tuple<text_column, int_column, text_column, int_column, int_column>;
  std::vector<message_receipt> found;
  for (auto& [id, state, code, reported, received] : in.rows<row>(select_receipts_in_range, from_id, below_id))
    found.push_back({id, {state, code, reported, received}});
  return found;
}

std::vector<refusal> refusals_of(transaction& in, std::string_view phone, std::string_view from_id,
                                 std::int64_t limit) {
  using row =
      std::tuple<text_column, text_column, text_column, text_column, text_column, text_column, int_column, int_column>;
  std::vector<refusal> found;
  for (auto& [id, number, purpose, dialect, address, reason, at, hits] :
       in.rows<row>(select_refusals, phone, from_id, limit))
    found.push_back({id, number, purpose, dialect, address, reason, at, hits});
  return found;
}

std::string purge_attempts_after(transaction& in, std::string_view after, std::string_view dead_below_id,
                                 std::int64_t limit) {
  const auto found = in.rows<std::tuple<text_column>>(attempt_keys, after, limit);
  if (found.empty() || std::get<0>(found.front()) >= dead_below_id) return {};
  std::string last = std::get<0>(found.back());
  in.execute(purge_attempts, after, last, dead_below_id);
  return last;
}

std::string purge_receipts_after(transaction& in, std::string_view after, core::epoch_ms dead_before,
                                 std::int64_t limit) {
  return purge::key_range(in, receipt_keys, purge_receipts, after, dead_before, limit);
}

std::string purge_refusals_after(transaction& in, std::string_view after, core::epoch_ms dead_before,
                                 std::int64_t limit) {
  return purge::key_range(in, refusal_keys, purge_refusals, after, dead_before, limit);
}

}  // namespace smsauth::store::deliveries
