// A provider's format over the wire: what becomes of an exchange, and of a format that fails.
#include "sms/http_gateway.hpp"

#include "support/event_loop.hpp"
#include "support/http_double.hpp"

#include <boost/asio/co_spawn.hpp>
#include <doctest/doctest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

using namespace smsauth;
using peer = test::http_double::peer;

namespace {

// Says what it is told to say.
class toy_provider final : public sms::provider {
 public:
  bool request_fails = false;
  bool reply_fails = false;
  sms::outcome result = sms::outcome::accepted("p-1");

  net::http_request make_request(const sms::message& what, core::epoch_ms /*now*/, std::string_view nonce,
                                 std::string_view host, std::string_view path_prefix) const override {
    if (request_fails) throw std::runtime_error("no request");
    net::http_request made;
    made.target = "/toy";
    made.body = std::string(nonce) + ' ' + std::string(host) + ' ' + std::string(path_prefix) + ' ' + what.code;
    return made;
  }
  sms::outcome read_reply(unsigned status, std::string_view /*body*/) const override {
    if (reply_fails) throw std::runtime_error("no reply");
    return status == 200 ? result : sms::outcome::rejected(sms::rejection::permanent, std::to_string(status));
  }
  sms::receipt_result read_receipts(const sms::receipt_call& /*call*/) const override {
    return sms::receipt_result::forged();
  }
};

core::epoch_ms now() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

sms::outcome sent_over(const std::string& url, const std::function<void(toy_provider&)>& set_up = {},
                       std::int64_t life_ms = 60'000) {
  auto toy = std::make_unique<toy_provider>();
  if (set_up) set_up(*toy);
  net::http_client_settings http;
  http.base_url = url;
  http.reply_timeout_ms = 200;
  test::event_loop loop;
  sms::http_gateway gateway("toy", loop.context(), http, std::move(toy));
  CHECK(gateway.name() == "toy");
  CHECK_FALSE(gateway.local());
  CHECK(gateway.longest_call_ms() >= 2'200);
  CHECK(gateway.read_receipts({}).what == sms::receipt_result::kind::forged);
  sms::message what;
  what.id = "m-1";
  what.to = "+8613800138000";
  what.code = "123456";
  what.deadline = now() + life_ms;
  sms::outcome result;
  boost::asio::co_spawn(loop.context(), gateway.send(what),
                        [&result](const std::exception_ptr& error, sms::outcome got) {
                          CHECK_FALSE(error);
                          result = std::move(got);
                        });
  loop.context().run();
  return result;
}

void answer(peer& of) {
  while (!of.read_request().empty())
    of.reply("x");
}

}  // namespace

TEST_CASE("a reply is read by the provider's format, and a request says what the format made") {
  std::string seen;
  test::http_double provider([&](peer& of) {
    seen = of.read_request();
    of.reply("x");
  });
  const auto result = sent_over(provider.url() + "/v9");
  CHECK(result.what == sms::outcome::kind::accepted);
  CHECK(result.provider_id == "p-1");
  CHECK(seen.starts_with("POST /v9/toy HTTP/1.1\r\n"));
  const std::string body = seen.substr(seen.find("\r\n\r\n") + 4);
  CHECK(body.size() == 32 + 1 + provider.url().size() - 7 + 1 + 3 + 1 + 6);
  CHECK(body.ends_with(" " + provider.url().substr(7) + " /v9 123456"));
}

TEST_CASE("a provider without an id of its own has ours") {
  test::http_double provider(answer);
  const auto result = sent_over(provider.url(), [](toy_provider& toy) { toy.result = sms::outcome::accepted(""); });
  CHECK(result.provider_id == "m-1");
}

TEST_CASE("what was not sent may go elsewhere, what may have been is unknown") {
  std::string gone;
  {
    const test::http_double nobody([](peer&) {});
    gone = nobody.url();
  }
  auto result = sent_over(gone);
  CHECK(result.what == sms::outcome::kind::rejected);
  CHECK(result.reason == sms::rejection::retry_later);
  CHECK(result.provider_code == "connect");
  test::http_double silent([](peer& of) { of.wait_for_close(); });
  result = sent_over(silent.url());
  CHECK(result.what == sms::outcome::kind::unknown);
  CHECK(result.provider_code == "timeout");
  const auto begun = std::chrono::steady_clock::now();
  CHECK(sent_over(silent.url(), {}, 50).what == sms::outcome::kind::unknown);
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::milliseconds(180));
}

TEST_CASE("a format that fails before the wire rejects, behind it knows nothing, and never ends the thread") {
  test::http_double provider(answer);
  auto result = sent_over(provider.url(), [](toy_provider& toy) { toy.request_fails = true; });
  CHECK(result.what == sms::outcome::kind::rejected);
  CHECK(result.provider_code == "format");
  CHECK(provider.connections() == 0);
  result = sent_over(provider.url(), [](toy_provider& toy) { toy.reply_fails = true; });
  CHECK(result.what == sms::outcome::kind::unknown);
  CHECK(result.provider_code == "malformed");
}
