#include "sms/gateways/smpp.hpp"

#include "crypto/random.hpp"
#include "sms/smpp/link.hpp"
#include "sms/smpp/submit.hpp"

#include <boost/system/system_error.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <utility>
#include <variant>

namespace smsauth::sms {

namespace {

using std::chrono::milliseconds;

constexpr std::int64_t default_port = 2775;
constexpr std::int64_t default_tls_port = 3550;
constexpr std::size_t longest_system_id = 15;
constexpr std::size_t longest_password = 8;
constexpr std::size_t longest_system_type = 12;

core::epoch_ms wall_clock_ms() {
  return std::chrono::duration_cast<milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::uint8_t random_octet() {
  std::array<std::byte, 1> octet{};
  crypto::random_bytes(octet);
  return static_cast<std::uint8_t>(octet[0]);
}

std::string limited(std::string value, const char* key, std::size_t most) {
  const bool printable = std::all_of(value.begin(), value.end(), [](char c) { return c >= ' ' && c <= '~'; });
  if (value.size() > most || !printable)
    throw section_error(key, "expected at most " + std::to_string(most) + " printable ASCII characters");
  return value;
}

smpp::address read_source(section& keys) {
  auto source = smpp::sender_address(keys.required_text("source"));
  if (!source)
    throw section_error("source", "expected up to 11 printable ASCII characters with a letter, or up to 20 digits");
  source->ton = static_cast<std::uint8_t>(keys.integer("source-ton", source->ton, 0, 6));
  source->npi = static_cast<std::uint8_t>(keys.integer("source-npi", source->npi, 0, 18));
  return *source;
}

smpp::receipt_id read_receipt_id(section& keys) {
  const std::string form = keys.choice("receipt-id", "opaque|hex|decimal");
  if (form == "hex") return smpp::receipt_id::hex;
  return form == "decimal" ? smpp::receipt_id::decimal : smpp::receipt_id::opaque;
}

smpp::link_settings read_link(section& keys) {
  smpp::link_settings link;
  link.name = keys.name();
  link.host = keys.required_text("host");
  link.tls = keys.flag("tls", false);
  link.port = std::to_string(keys.integer("port", link.tls ? default_tls_port : default_port, 1, 65'535));
  link.ca_file = keys.text("ca-file", "");
  link.bind.system_id = limited(keys.required_text("system-id"), "system-id", longest_system_id);
  link.bind.password = limited(keys.required_secret("password"), "password", longest_password);
  link.bind.system_type = limited(keys.text("system-type", ""), "system-type", longest_system_type);
  link.window = static_cast<std::size_t>(keys.integer("window", 10, 1, 1'000));
  link.enquire_ms = core::ms_per_second * keys.integer("enquire-seconds", 30, 1, 3'600);
  link.connect_timeout_ms = keys.integer("connect-timeout-ms", 5'000, 100, 60'000);
  link.response_timeout_ms = keys.integer("response-timeout-ms", 10'000, 100, 60'000);
  link.id_form = read_receipt_id(keys);
  return link;
}

class smpp_gateway final : public gateway {
 public:
  using clock = smpp::link::clock;

  smpp_gateway(boost::asio::io_context& where, const smpp::link_settings& settings, smpp::address source,
               receipt_sink receipts)
      : name_(settings.name),
        connect_timeout_ms_(settings.connect_timeout_ms),
        longest_call_ms_(settings.connect_timeout_ms + settings.response_timeout_ms),
        source_(std::move(source)),
        reference_(random_octet()),
        link_(std::make_shared<smpp::link>(where, settings, std::move(receipts))) {}
  ~smpp_gateway() override { link_->abandon(); }
  smpp_gateway(const smpp_gateway&) = delete;
  smpp_gateway& operator=(const smpp_gateway&) = delete;

  std::string_view name() const noexcept override { return name_; }
  bool local() const noexcept override { return false; }
  std::int64_t longest_call_ms() const noexcept override { return longest_call_ms_; }
  awaitable<outcome> send(const message& what) override;
  void start() override { link_->start(); }
  awaitable<void> stop() override { return smpp::link::stop(link_); }

 private:
  const std::string name_;
  const std::int64_t connect_timeout_ms_;
  const std::int64_t longest_call_ms_;
  const smpp::address source_;
  std::uint8_t reference_;  ///< of the next message in parts
  const std::shared_ptr<smpp::link> link_;
};

bool accepted(const smpp::submit_end& end) {
  return end.what == smpp::submit_end::kind::answered && end.status == smpp::status::ok;
}

/// Of a part that was not accepted. `first_id` is that of the first part, if there was one before.
outcome outcome_of(const smpp::submit_end& end, bool first, const std::string& first_id) {
  if (end.what == smpp::submit_end::kind::unknown) {
    outcome result = outcome::unknown(end.code);
    result.provider_id = first_id;
    return result;
  }
  const bool answered = end.what == smpp::submit_end::kind::answered;
  const std::string code = answered ? smpp::status_code(end.status) : end.code;
  if (!first) return outcome::partial(first_id, code);
  return outcome::rejected(answered ? smpp::rejection_of(end.status) : end.reason, code);
}

awaitable<outcome> smpp_gateway::send(const message& what) {
  const auto begun = clock::now();
  const core::epoch_ms now = wall_clock_ms();
  auto made = smpp::make_submits(what, source_, now, reference_);
  if (auto* const refused = std::get_if<outcome>(&made)) co_return std::move(*refused);
  const auto parts = std::get<std::vector<smpp::short_message>>(std::move(made));
  if (parts.size() > 1) ++reference_;

  const auto call_end = begun + milliseconds(longest_call_ms_);
  std::int64_t patience_ms = connect_timeout_ms_;
  if (what.deadline != 0) patience_ms = std::min(patience_ms, what.deadline - now);
  auto place_by = begun + milliseconds(patience_ms);
  std::string first_id;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    // One after the other: when one is refused, those behind it cost nothing.
    const smpp::submit_end end = co_await smpp::link::submit(link_, parts[i], place_by, call_end);
    if (!accepted(end)) co_return outcome_of(end, i == 0, first_id);
    if (i == 0) first_id = end.message_id;
    place_by = call_end;
  }
  outcome result = outcome::accepted(std::move(first_id));
  co_return result;
}

}  // namespace

std::unique_ptr<gateway> make_smpp(section& keys, boost::asio::io_context& where, receipt_sink receipts) {
  const smpp::link_settings settings = read_link(keys);
  smpp::address source = read_source(keys);
  try {
    return std::make_unique<smpp_gateway>(where, settings, std::move(source), std::move(receipts));
  } catch (const boost::system::system_error&) {
    throw section_error("ca-file", "expected the path of a readable PEM file with certificates");
  }
}

}  // namespace smsauth::sms
