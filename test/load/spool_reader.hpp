// Reads the codes that a server writes into its spool file, from the file's present end on.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

namespace smsauth::load {

class spool_reader {
 public:
  /// Throws std::system_error.
  explicit spool_reader(const std::string& path);
  ~spool_reader();
  spool_reader(const spool_reader&) = delete;
  spool_reader& operator=(const spool_reader&) = delete;

  /// The code for a mainland number of eleven digits; reads on in the file when it is not known yet. Empty: not there.
  /// Good until the next call; the code is forgotten.
  std::string_view take(std::uint64_t phone);

 private:
  using code = std::array<char, 6>;
  bool read_more();
  void take_line(std::string_view line);

  int file_;
  std::string rest_;  ///< the begin of a line
  std::unordered_map<std::uint64_t, code> codes_;
  code taken_{};
};

}  // namespace smsauth::load
