// libFuzzer target for the request reader: clang++ -fsanitize=fuzzer,address,undefined.
//
// The first octet chooses how the rest is cut into reads. What is accepted must not depend on the cuts, must stay
// inside the limits, and must be framed as the guards say.
#include "http/request_reader.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

namespace {

namespace http = smsauth::http;

smsauth::core::http_limits small_limits() {
  smsauth::core::http_limits limits;
  limits.header_bytes = 512;
  limits.target_bytes = 64;
  limits.body_bytes = 256;
  return limits;
}

void require(bool holds) {
  if (!holds) std::abort();
}

void check(const http::request& in, const smsauth::core::http_limits& limits) {
  require(in.body.size() <= limits.body_bytes);
  require(in.path == "*" || in.path.starts_with('/'));
  require(in.path.size() + in.query.size() <= limits.target_bytes);
  require(in.header_count("Content-Length") + in.header_count("Transfer-Encoding") <= 1);
  require(in.header_count("Host") <= 1);
  for (const http::header_field& field : in.headers) {
    require(!field.name.empty());
    require(field.value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos);
  }
}

/// Reads all of `input`, `piece` octets at a time (0: as many as fit), and tells what was accepted and how it ended.
std::string accepted(std::string_view input, std::size_t piece) {
  static const smsauth::core::http_limits limits = small_limits();
  using state = http::request_reader::state;
  http::request_reader reader(limits);
  std::string log;
  while (!input.empty()) {
    const auto space = reader.space();
    require(!space.empty());
    const std::size_t count = std::min({space.size(), input.size(), piece == 0 ? input.size() : piece});
    std::memcpy(space.data(), input.data(), count);
    input.remove_prefix(count);
    reader.received(count);
    state now = reader.advance();
    for (; now == state::ready; now = reader.advance()) {
      const http::request& in = reader.request();
      check(in, limits);
      log += in.method_name;
      for (const std::string_view text : {in.path, in.query, in.body})
        (log += '\x1E') += text;
      log += '\x1F' + std::to_string(in.headers.size()) + (reader.keep_alive() ? "k" : "c");
      reader.finish();
      if (reader.empty()) break;
    }
    if (now == state::refused) return log + "refused";
  }
  return log;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::string whole = accepted(input, 0);
  require(accepted(input, 1) == whole);
  require(accepted(input, std::size_t{data[0]} + 2) == whole);
  return 0;
}
