#include "app/report_commands.hpp"

#include "app/gateways.hpp"
#include "app/options.hpp"
#include "service/clock.hpp"
#include "service/delivery_summary.hpp"
#include "service/ids.hpp"
#include "service/message_history.hpp"
#include "sms/price_list.hpp"
#include "sms/wire_time.hpp"
#include "store/database.hpp"

#include <filesystem>
#include <iomanip>
#include <iostream>
#include <stdexcept>

namespace smsauth::app {

namespace {

// One read on a database that a server may be using: no schema work, no file made.
template <class Work>
void read_once(store::database& database, Work work) {
  class reading final : public store::unit {
   public:
    explicit reading(Work& work) : work_(work) {}
    void run(store::transaction& in) override { work_(in); }
    void fail(core::failure /*why*/) noexcept override { failed = true; }
    bool failed = false;

   private:
    Work& work_;
  };
  reading one(work);
  store::unit* const units[] = {&one};
  database.run_reads(units);
  if (one.failed) throw std::runtime_error("the database did not answer");
}

void open_to_read(const settings& config, store::database& database) {
  const bool sqlite = config.database.store.flavor == store::sql_flavor::sqlite;
  if (sqlite && !std::filesystem::exists(config.database.store.path))
    throw configuration_error("db", source_of(config, "db"), "expected the database of a server that has run");
  database.open();
  database.admit_units();
}

// "1795737246910" → "2026-11-26T23:54:06.910Z".
std::string with_milliseconds(core::epoch_ms at) {
  std::string text = sms::utc_time(at);
  std::string ms = std::to_string(at % core::ms_per_second);
  ms.insert(0, 3 - ms.size(), '0');
  text.insert(text.size() - 1, "." + ms);
  return text;
}

// What a provider sent may hold anything; a terminal obeys some of it.
std::string shown(std::string text) {
  for (char& c : text) {
    if (c < ' ' || c > '~') c = '?';
  }
  return text.find(' ') == std::string::npos ? text : '"' + text + '"';
}

void print_message(std::ostream& out, const service::message_history& of, core::epoch_ms now) {
  out << "message " << of.message.id << "  " << of.message.purpose << "  " << service::to_string(of.message.what)
      << '\n';
  for (const service::timeline_event& step : service::timeline_of(of, now)) {
    out << "  " << with_milliseconds(step.at) << "  " << std::left << std::setw(12) << step.what;
    for (const auto& [name, value] : step.facts)
      out << "  " << name << '=' << shown(value);
    out << '\n';
  }
}

void print_refusal(std::ostream& out, const store::deliveries::refusal& of) {
  out << "  " << with_milliseconds(of.refused_at) << "  " << of.reason << "  purpose=" << of.purpose
      << "  dialect=" << of.dialect << "  address=" << of.address << "  times=" << of.hits << '\n';
}

}  // namespace

int run_messages(const settings& config) {
  if (config.report.to.empty()) throw configuration_error("to", "flag", "expected --to NUMBER");
  const auto phone = core::parse_phone(config.report.to, config.service.default_country_code, {});
  if (!phone) throw configuration_error("to", "flag", "expected a phone number, such as +8613800138000");
  store::database database(config.database.store);
  open_to_read(config, database);
  service::phone_history found;
  read_once(database, [&](store::transaction& in) { found = service::load_history(in, phone->e164()); });

  std::ostream& out = std::cout;
  const core::epoch_ms now = service::clock().now();
  out << (config.report.full ? phone->e164() : phone->masked()) << ": " << found.messages.size() << " messages, "
      << found.refusals.size() << " refusals\n";
  for (const auto& each : found.messages) {
    out << '\n';
    print_message(out, each, now);
  }
  if (!found.refusals.empty()) out << "\nrefused, by hour:\n";
  for (const auto& each : found.refusals)
    print_refusal(out, each);
  return 0;
}

int run_deliveries(const settings& config) {
  const sms::price_list prices = prices_of(config);
  store::database database(config.database.store);
  open_to_read(config, database);
  const core::epoch_ms now = service::clock().now();
  service::delivery_summary sum(prices);
  std::string from = service::id_floor(now - config.report.hours * core::ms_per_hour);
  const std::string below = service::id_floor(now + 1);
  while (!from.empty())
    read_once(database, [&](store::transaction& in) { from = service::summarize_chunk(in, sum, from, below); });

  std::ostream& out = std::cout;
  constexpr int hour_width = 22;
  constexpr int name_width = 14;
  constexpr int number_width = 11;
  const auto cell = [&out](int width) -> std::ostream& { return out << std::setw(width); };
  out << std::left;
  cell(hour_width) << "hour";
  for (const char* title : {"gateway", "country", "dialect"})
    cell(name_width) << title;
  out << std::right;
  for (const char* title : {"messages", "accepted", "failed", "delivered", "verified", "parts", "call ms", "deliv. ms"})
    cell(number_width) << title;
  out << "  cost\n";
  for (const auto& [key, row] : sum.rows()) {
    out << std::left;
    cell(hour_width) << sms::utc_time(key.hour);
    for (const std::string& name : {key.gateway.empty() ? std::string("-") : key.gateway, key.country, key.dialect})
      cell(name_width) << name;
    out << std::right;
    for (const std::int64_t value :
         {row.messages, row.accepted, row.failed, row.delivered, row.verified, row.parts,
          row.calls == 0 ? 0 : row.calls_ms / row.calls, row.delivered == 0 ? 0 : row.delivery_ms / row.delivered})
      cell(number_width) << value;
    constexpr double micros = 1e6;
    out << "  ";
    if (prices.empty()) {
      out << "-\n";
    } else {
      out << static_cast<double>(row.cost_micros) / micros << ' ' << prices.currency() << '\n';
    }
  }
  return 0;
}

}  // namespace smsauth::app
