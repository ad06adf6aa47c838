#include "store/multi_row.hpp"

#include <algorithm>
#include <iterator>

namespace smsauth::store {

namespace {

std::string with_list(std::string_view text, std::string_view element, std::size_t count) {
  static constexpr std::string_view mark = "{}";
  std::string list(element);
  for (std::size_t i = 1; i < count; ++i)
    list.append(", ").append(element);
  std::string made(text);
  for (auto at = made.find(mark); at != std::string::npos; at = made.find(mark, at + list.size()))
    made.replace(at, mark.size(), list);
  return made;
}

}  // namespace

multi_row::multi_row(const char* name, std::string_view both, std::string_view element)
    : multi_row(name, both, both, element) {}

multi_row::multi_row(const char* name, std::string_view for_sqlite, std::string_view for_mysql,
                     std::string_view element)
    : name_(name) {
  for (std::size_t i = 0; i < element_counts.size(); ++i) {
    sqlite_[i] = with_list(for_sqlite, element, element_counts[i]);
    mysql_[i] = with_list(for_mysql, element, element_counts[i]);
  }
}

sql multi_row::with_elements(std::size_t count) const {
  const auto* const at = std::lower_bound(element_counts.begin(), element_counts.end(), count);
  const auto position = static_cast<std::size_t>(at - element_counts.begin());
  return {name_, sqlite_.at(position).c_str(), mysql_.at(position).c_str()};
}

std::size_t longest_part(std::size_t count) noexcept {
  return *std::prev(std::upper_bound(element_counts.begin(), element_counts.end(), count));
}

}  // namespace smsauth::store
