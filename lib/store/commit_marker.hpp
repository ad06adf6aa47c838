// Tells what became of a COMMIT whose answer was lost, on MySQL (R-06: no blind repetition of a send or a consumed
// code).
//
// A row of a lane's own holds the number of its last transaction, and each of its transactions moves it on before its
// COMMIT. When a connection dies during COMMIT, the row is asked on a new one: it is locked until the server has
// decided, so the answer is final. One more statement per batch, not per request.
#pragma once

#include "store/transaction.hpp"

#include <cstdint>
#include <string>

namespace smsauth::store {

class pooled_session;

enum class commit_verdict : std::uint8_t { committed, not_committed, unknown };

class commit_marker {
 public:
  bool is_open() const noexcept { return open_; }
  /// Records and commits a row under a new random name. Throws sql_error.
  void open(pooled_session& session);
  /// The last statement of a transaction. Throws sql_error; refused_open when the row is not as this lane left it,
  /// after which the marker has to be opened anew.
  void move(transaction& in);
  /// The COMMIT after move() was answered with success.
  void confirm() noexcept { ++number_; }
  /// The COMMIT after move() had no clear answer: asks, on a new connection of `session`, and waits for the server's
  /// decision. After `unknown`, which a server that stays away gives, the marker has to be opened anew.
  commit_verdict ask(pooled_session& session);

 private:
  std::string name_;
  std::int64_t number_ = 0;
  bool open_ = false;
};

}  // namespace smsauth::store
