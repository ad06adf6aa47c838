#include "load/spool_reader.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>

namespace smsauth::load {

namespace {

constexpr std::size_t read_bytes = std::size_t{64} * 1024;

}  // namespace

spool_reader::spool_reader(const std::string& path) : file_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
  if (file_ < 0 || ::lseek(file_, 0, SEEK_END) < 0) throw std::system_error(errno, std::generic_category(), path);
}

spool_reader::~spool_reader() {
  ::close(file_);
}

std::string_view spool_reader::take(std::uint64_t phone) {
  auto found = codes_.find(phone);
  while (found == codes_.end()) {
    if (!read_more()) return {};
    found = codes_.find(phone);
  }
  taken_ = found->second;
  codes_.erase(found);
  return {taken_.data(), taken_.size()};
}

bool spool_reader::read_more() {
  const std::size_t kept = rest_.size();
  rest_.resize(kept + read_bytes);
  const ssize_t count = ::read(file_, rest_.data() + kept, read_bytes);
  rest_.resize(kept + (count > 0 ? static_cast<std::size_t>(count) : 0));
  if (count <= 0) return false;
  std::size_t begin = 0;
  for (std::size_t end = rest_.find('\n'); end != std::string::npos; end = rest_.find('\n', begin)) {
    take_line(std::string_view(rest_).substr(begin, end - begin));
    begin = end + 1;
  }
  rest_.erase(0, begin);
  return true;
}

// {"id":"…","to":"+8613…","purpose":"login","dialect":"discuzq","code":"123456","text":…
void spool_reader::take_line(std::string_view line) {
  constexpr std::string_view number_field = R"("to":"+86)";
  constexpr std::string_view code_field = R"("code":")";
  constexpr std::size_t digits = 11;
  const std::size_t number_at = line.find(number_field);
  if (number_at == std::string_view::npos || number_at + number_field.size() + digits > line.size()) return;
  const char* const number = line.data() + number_at + number_field.size();
  std::uint64_t phone = 0;
  std::from_chars(number, number + digits, phone);
  const std::size_t code_at = line.find(code_field, number_at);
  code value{};
  if (code_at == std::string_view::npos || code_at + code_field.size() + value.size() > line.size()) return;
  std::copy_n(line.data() + code_at + code_field.size(), value.size(), value.begin());
  codes_[phone] = value;
}

}  // namespace smsauth::load
