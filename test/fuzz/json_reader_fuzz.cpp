// libFuzzer target for the JSON reader: clang++ -fsanitize=fuzzer,address,undefined.
//
// What it accepts must be accepted by Boost.JSON too, come back equal from a round trip, and hold no more members and
// levels than the limits say.
#include "dialect/json_reader.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

struct shape {
  std::size_t depth = 0;
  std::size_t members = 0;
};

shape measure(const boost::json::value& value) {
  shape whole;
  const auto add = [&whole](const boost::json::value& child) {
    const shape part = measure(child);
    whole.depth = std::max(whole.depth, part.depth);
    whole.members += part.members;
  };
  if (const auto* object = value.if_object()) {
    for (const auto& member : *object)
      add(member.value());
    whole.members += object->size();
    ++whole.depth;
  } else if (const auto* array = value.if_array()) {
    for (const auto& element : *array)
      add(element);
    ++whole.depth;
  }
  return whole;
}

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const smsauth::core::http_limits limits;
  const auto value = smsauth::dialect::parse_json(text, limits);
  if (!value) return 0;

  boost::system::error_code ec;
  const boost::json::value reference = boost::json::parse(text, ec);
  require(!ec && reference == *value);
  const shape measured = measure(*value);
  require(measured.depth <= limits.json_depth && measured.members <= limits.fields);
  const auto again = smsauth::dialect::parse_json(boost::json::serialize(*value), limits);
  require(again.has_value() && *again == *value);
  return 0;
}
