// One prepared statement with the variables it is bound to. Kept per session: preparing again costs SOCI 4 us and
// SQLite 40 % of its throughput (measured).
#pragma once

#include <soci/soci.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>

namespace smsauth::store {

/// What a C++ argument is stored as while SOCI reads it: SOCI keeps the address, so a temporary would be read after its
/// death (pitfall D22). Whole numbers are 64 bits throughout; SQLite would cut them at 32 otherwise (D33).
template <class T>
using bound = std::conditional_t<std::is_convertible_v<T, std::string_view>, std::string, long long>;

class prepared_base {
 public:
  prepared_base() = default;
  prepared_base(const prepared_base&) = delete;
  prepared_base& operator=(const prepared_base&) = delete;
  virtual ~prepared_base() = default;
};

/// `Row` is a std::tuple of long long and std::string, empty for statements without rows.
template <class Row, class... Bound>
class prepared final : public prepared_base {
 public:
  prepared(soci::session& session, const char* text) : statement_(session) {
    std::apply([this](auto&... in) { (statement_.exchange(soci::use(in)), ...); }, in_);
    std::apply([this](auto&... out) { (statement_.exchange(soci::into(out)), ...); }, out_);
    statement_.alloc();
    statement_.prepare(text);
    statement_.define_and_bind();
  }

  template <class... Args>
  void bind(const Args&... arguments) {
    bind_at(std::index_sequence_for<Args...>{}, arguments...);
  }

  /// Runs it; true when a first row is in row().
  bool execute() { return statement_.execute(true); }
  bool fetch() { return statement_.fetch(); }
  const Row& row() const noexcept { return out_; }
  std::int64_t affected() { return statement_.get_affected_rows(); }

 private:
  template <std::size_t... I, class... Args>
  void bind_at(std::index_sequence<I...> /*unused*/, const Args&... arguments) {
    ((assign(std::get<I>(in_), arguments)), ...);
  }
  static void assign(std::string& to, std::string_view from) { to.assign(from); }
  static void assign(long long& to, std::int64_t from) { to = from; }

  std::tuple<Bound...> in_;
  Row out_;
  soci::statement statement_;  // last: it refers to the two above
};

}  // namespace smsauth::store
