#include "sms/gateways/spool.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <array>
#include <chrono>
#include <cstdio>
#include <utility>

namespace smsauth::sms {

namespace {

/// "2026-11-21T10:44:01.123Z"
std::string rfc3339(core::epoch_ms time) {
  using namespace std::chrono;
  const sys_time<milliseconds> instant{milliseconds{time}};
  const auto day = floor<days>(instant);
  const year_month_day date{day};
  const hh_mm_ss clock{instant - day};
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return text.data();
}

}  // namespace

spool_gateway::spool_gateway(std::filesystem::path path, std::string name)
    : file_(std::move(path)), name_(std::move(name)) {}

awaitable<outcome> spool_gateway::send(const message& what) {
  const std::string line = spool_line(what);
  outcome result =
      file_.append(line) ? outcome::accepted(what.id) : outcome::rejected(rejection::retry_later, "spool_write");
  co_return result;
}

std::string spool_line(const message& what) {
  boost::json::object line;  // keeps the order of insertion
  line.reserve(7);
  line["id"] = what.id;
  line["to"] = what.to;
  line["purpose"] = core::to_string(what.purpose);
  line["dialect"] = core::to_string(what.dialect);
  line["code"] = what.code;
  line["text"] = what.text;
  line["at"] = rfc3339(what.created_at);
  return boost::json::serialize(line);
}

}  // namespace smsauth::sms
