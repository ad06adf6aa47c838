#include "store/key_store.hpp"

namespace smsauth::store::keys {

namespace {

constexpr sql select_keys{"signing_key.load",
                          "SELECT kid, slot, algorithm, sealed_key, created_at, retires_at FROM signing_key ORDER BY "
                          "created_at, kid LIMIT 1000"};
constexpr sql insert_key{"signing_key.record",
                         "INSERT INTO signing_key (kid, slot, algorithm, sealed_key, created_at, retires_at) VALUES "
                         "(:p1, :p2, :p3, :p4, :p5, 0)"};
constexpr sql retire_key{"signing_key.retire",
                         "UPDATE signing_key SET retires_at = :p1 WHERE kid = :p2 AND retires_at = 0"};

}  // namespace

std::vector<key_row> load_all(transaction& in) {
  using row = std::tuple<text_column, text_column, text_column, text_column, int_column, int_column>;
  std::vector<key_row> all;
  for (auto& [kid, slot, algorithm, sealed, created, retires] : in.rows<row>(select_keys)) {
    all.push_back({kid, slot, algorithm, sealed, created, retires});
  }
  return all;
}

bool record(transaction& in, const key_row& fresh) {
  try {
    return in.execute(insert_key, fresh.kid, fresh.slot, fresh.algorithm, fresh.sealed_key, fresh.created_at) == 1;
  } catch (const sql_error& error) {
    if (error.kind() != sql_error_kind::duplicate) throw;
    return false;
  }
}

void retire(transaction& in, std::string_view kid, core::epoch_ms retires_at) {
  in.execute(retire_key, retires_at, kid);
}

}  // namespace smsauth::store::keys
