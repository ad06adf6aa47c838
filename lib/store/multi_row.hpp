// Statements with many rows: VALUES (…), (…), … or IN (…, …, …).
//
// A text is prepared for each of a few lengths, so that a session keeps twenty texts of a statement at most: rows to
// insert are split into such parts, lists of keys are filled up by repeating the last.
#pragma once

#include "store/transaction.hpp"

#include <boost/container/small_vector.hpp>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>

namespace smsauth::store {

/// Ascending. Up to 16 each length has its own: half of all batches are no longer, and every part more is a round trip.
inline constexpr std::array<std::size_t, 20> element_counts{1,  2,  3,  4,  5,  6,  7,  8,  9,  10,
                                                            11, 12, 13, 14, 15, 16, 24, 32, 48, 64};
inline constexpr std::size_t most_elements = element_counts.back();

class multi_row {
 public:
  /// In a text each {} stands for all elements, each of them `element`, with commas between; placeholders are ?.
  multi_row(const char* name, std::string_view both, std::string_view element);
  multi_row(const char* name, std::string_view for_sqlite, std::string_view for_mysql, std::string_view element);

  /// `count` is one of element_counts.
  sql with_elements(std::size_t count) const;

 private:
  const char* name_;
  std::array<std::string, element_counts.size()> sqlite_;
  std::array<std::string, element_counts.size()> mysql_;
};

/// Of one row without an allocation.
using argument_list = boost::container::small_vector<argument, 26>;

/// The greatest of element_counts that is not above `count`, which is at least 1.
std::size_t longest_part(std::size_t count) noexcept;

/// Runs an INSERT for all of `rows`: `add(row, to)` appends a row's values to `to`, and `behind` are the values behind
/// the rows. Returns how many rows were inserted or changed by ON DUPLICATE KEY UPDATE, or nothing where the engine
/// does not say. Throws sql_error.
template <class Row, class Add>
std::optional<std::int64_t> insert_rows(transaction& in, const multi_row& statement, std::span<Row> rows, Add add,
                                        std::span<const argument> behind = {}) {
  std::optional<std::int64_t> written = 0;
  argument_list values;
  while (!rows.empty()) {
    const std::size_t count = longest_part(rows.size());
    values.clear();
    for (Row& row : rows.first(count))
      add(row, values);
    values.insert(values.end(), behind.begin(), behind.end());
    const std::int64_t matched = in.execute_with(statement.with_elements(count), values);
    const std::optional<std::int64_t> conflicts = in.conflicting_rows();
    // Of a row in conflict the engine counts 1 for finding it and 1 for changing it.
    if (written && conflicts) {
      *written += matched - *conflicts;
    } else {
      written.reset();
    }
    rows = rows.subspan(count);
  }
  return written;
}

/// Appends the values of `keys`, at least one, filled up to `elements` by repeating the last.
template <class Key, class ValueOf>
void append_filled(argument_list& to, std::span<Key> keys, ValueOf value_of, std::size_t elements) {
  for (Key& key : keys)
    to.emplace_back(value_of(key));
  to.resize(to.size() + elements - keys.size(), argument(to.back()));
}

/// Calls `run(statement, part, elements)` for every part of `keys`, each of up to most_elements.
template <class Key, class Run>
void for_parts(const multi_row& statement, std::span<Key> keys, Run run) {
  while (!keys.empty()) {
    const std::size_t count = keys.size() < most_elements ? keys.size() : most_elements;
    const std::size_t elements = std::bit_ceil(count);  // fewer texts; a key more in a list costs nothing
    run(statement.with_elements(elements), keys.first(count), elements);
    keys = keys.subspan(count);
  }
}

/// Runs a statement with a list of keys, in as few parts as it takes: `before`, then the keys' values.
template <class Key, class ValueOf>
void execute_for_keys(transaction& in, const multi_row& statement, std::span<const argument> before,
                      std::span<Key> keys, ValueOf value_of) {
  argument_list values;
  for_parts(statement, keys, [&](const sql& text, std::span<Key> part, std::size_t elements) {
    values.assign(before.begin(), before.end());
    append_filled(values, part, value_of, elements);
    in.execute_with(text, values);
  });
}

/// Runs a SELECT for the numbers of `steps` and calls give(step, row) for every row found, with the step of its number,
/// which is the row's last column. `behind` are the values behind the list.
template <class Row, class Step, class Give>
void rows_by_phone(transaction& in, const multi_row& statement, std::span<Step* const> steps,
                   std::span<const argument> behind, Give give) {
  constexpr std::size_t phone = std::tuple_size_v<Row> - 1;
  argument_list values;
  if (steps.size() == 1) {
    values.emplace_back(steps.front()->phone);
    values.insert(values.end(), behind.begin(), behind.end());
    if (const auto row = in.first_with<Row>(statement.with_elements(1), values)) give(*steps.front(), *row);
    return;
  }
  std::unordered_map<std::string_view, Step*> by_phone;
  for (Step* const each : steps)
    by_phone.emplace(each->phone, each);
  for_parts(statement, steps, [&](const sql& text, std::span<Step* const> part, std::size_t elements) {
    values.clear();
    append_filled(
        values, part, [](const Step* each) { return each->phone; }, elements);
    values.insert(values.end(), behind.begin(), behind.end());
    for (const Row& row : in.rows_with<Row>(text, values)) {
      const auto found = by_phone.find(std::get<phone>(row));
      if (found != by_phone.end()) give(*found->second, row);
    }
  });
}

}  // namespace smsauth::store
