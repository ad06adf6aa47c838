#include "app/gateways.hpp"

#include "app/option_values.hpp"
#include "app/options.hpp"
#include "crypto/random.hpp"
#include "sms/gateway_factory.hpp"
#include "sms/price_list.hpp"
#include "sms/route_table.hpp"

#include <algorithm>
#include <map>
#include <span>
#include <stdexcept>

namespace smsauth::app {

namespace {

constexpr std::int64_t max_concurrent_calls = 1'000;
constexpr std::int64_t max_calls_per_second = 100'000;
constexpr std::int64_t max_breaker_failures = 1'000;
constexpr std::int64_t max_breaker_seconds = 3'600;
constexpr std::size_t min_receipt_secret_bytes = 16;
/// What Aliyun allows one number and signature by default (gateways.md section 1.4).
constexpr std::string_view aliyun_number_limits = "1/60,5/3600,10/86400";

service::desk_settings read_desk(sms::section& keys, std::string_view type) {
  service::desk_settings made;
  made.concurrent = static_cast<std::size_t>(keys.integer("concurrent", 16, 1, max_concurrent_calls));
  made.per_second = keys.integer("per-second", 0, 0, max_calls_per_second);
  made.breaker.failures = keys.integer("breaker-failures", 5, 0, max_breaker_failures);
  made.breaker.open_ms = keys.integer("breaker-seconds", 30, 1, max_breaker_seconds) * core::ms_per_second;
  const auto limits =
      sms::parse_number_windows(keys.text("number-limits", type == "aliyun" ? aliyun_number_limits : ""));
  if (!limits) throw sms::section_error("number-limits", "expected MESSAGES/SECONDS, such as 1/60,5/3600,10/86400");
  made.number_limits = *limits;
  made.failover_when_limited = keys.flag("failover-when-limited", false);
  return made;
}

std::string read_receipt_secret(sms::section& keys) {
  std::string secret = keys.secret("receipt-secret");
  const auto unreserved = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  };
  if (!secret.empty() &&
      (secret.size() < min_receipt_secret_bytes || !std::all_of(secret.begin(), secret.end(), unreserved)))
    throw sms::section_error("receipt-secret", "expected at least 16 letters, digits, - or _ (openssl rand -hex 16)");
  return secret;
}

// Names that routes use, --sms first; a section that nobody uses may be half written.
std::vector<std::string> used_names(const settings& config) {
  std::vector<std::string> all;
  for (const auto& [name, keys] : config.sms.sections.gateways)
    all.push_back(name);
  std::vector<std::string> used{config.sms.name};
  for (const auto& [route, rule] : config.sms.sections.routes) {
    try {
      for (const auto& rank : sms::parse_route_rule(rule, all).ranks) {
        for (const auto& each : rank) {
          if (std::find(used.begin(), used.end(), all[each.gateway]) == used.end()) used.push_back(all[each.gateway]);
        }
      }
    } catch (const std::invalid_argument& error) {
      throw configuration_error(printable(route), "[routes]", error.what());
    }
  }
  return used;
}

std::uint32_t draw() {
  std::uint32_t drawn = 0;
  crypto::random_bytes(std::as_writable_bytes(std::span(&drawn, 1)));
  return drawn;
}

service::delivery_routes::planner planner_of(const settings& config, std::span<const std::string> names) {
  sms::route_table table(0);
  for (const auto& [name, rule] : config.sms.sections.routes)
    table.add(rule, names);
  return [table = std::move(table)](const sms::message& what) {
    const auto to = core::stored_phone(what.to);
    return to ? table.plan(*to, what.purpose, draw) : std::vector<std::size_t>{0};
  };
}

}  // namespace

gateway_set make_gateways(const settings& config, boost::asio::io_context& where, const sms::receipt_sink& receipts) {
  gateway_set made;
  if (config.sms.kind != sms_settings::gateway::section) {
    made.local = config.sms.kind == sms_settings::gateway::log ? sms::make_log_gateway()
                                                               : sms::make_spool_gateway(config.sms.path);
    made.routes = std::make_unique<service::delivery_routes>(*made.local);
    return made;
  }
  if (config.sms.name.empty())
    throw configuration_error("sms", source_of(config, "sms"),
                              "with [routes], expected the name of the section for what no route takes");
  const std::vector<std::string> names = used_names(config);
  std::vector<std::unique_ptr<service::gateway_desk>> desks;
  for (const std::string& name : names) {
    sms::section keys(name, config.sms.sections.gateways.at(name));
    try {
      const auto desk = read_desk(keys, keys.text("type", ""));
      std::string secret = read_receipt_secret(keys);
      auto gateway = sms::make_gateway(keys, where, receipts);
      keys.done();
      if (!secret.empty()) made.receipts.emplace_back(gateway.get(), std::move(secret));
      desks.push_back(std::make_unique<service::gateway_desk>(std::move(gateway), desk));
    } catch (const sms::section_error& error) {
      throw configuration_error(printable(error.key()), "[sms." + name + "]", error.what());
    }
  }
  made.routes = std::make_unique<service::delivery_routes>(where, std::move(desks), planner_of(config, names));
  return made;
}

sms::text_settings texts_of(const settings& config) {
  sms::section keys("texts", config.sms.sections.texts);
  try {
    return sms::read_texts(keys);
  } catch (const sms::section_error& error) {
    throw configuration_error(printable(error.key()), "[texts]", error.what());
  }
}

sms::price_list prices_of(const settings& config) {
  try {
    return sms::price_list(config.sms.sections.prices);
  } catch (const std::invalid_argument& error) {
    throw configuration_error("price", "[prices]", error.what());
  }
}

service::review_numbers review_numbers_of(const settings& config) {
  service::review_numbers made;
  for (const auto& [number, rule] : config.sms.sections.review_numbers) {
    try {
      made.add(number, rule);
    } catch (const std::invalid_argument& error) {
      throw configuration_error("number", "[review-numbers]", error.what());
    }
  }
  return made;
}

void check_gateways(const settings& config) {
  boost::asio::io_context nowhere(1);
  // A spool file is made when it is opened, and a check leaves nothing behind.
  if (config.sms.kind == sms_settings::gateway::section)
    make_gateways(config, nowhere, [](std::string_view, const std::vector<sms::receipt>&) {});
  texts_of(config);
  prices_of(config);
  review_numbers_of(config);
}

}  // namespace smsauth::app
