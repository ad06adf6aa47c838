// libFuzzer target for what providers say: the first octet chooses the provider and what the rest is, a reply or a
// receipt. Nothing throws, and what is read keeps to what its fields promise.
#include "require.hpp"
#include "sms/gateways/aliyun.hpp"
#include "sms/gateways/huawei.hpp"
#include "sms/gateways/tencent.hpp"
#include "sms/gateways/twilio.hpp"
#include "sms/gateways/vonage.hpp"
#include "sms/gateways/webhook.hpp"
#include "sms/gateways/yunpian.hpp"
#include "sms/wire_reply.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace {

using namespace smsauth::sms;
using smsauth::test::require;

using keys = std::map<std::string, std::string>;

std::unique_ptr<provider> made(std::unique_ptr<provider> (*make)(section&), keys of) {
  section read("fuzz", std::move(of));
  return make(read);
}

const std::array<std::unique_ptr<provider>, 7>& providers() {
  static const std::array<std::unique_ptr<provider>, 7> all{
      made(make_aliyun, {{"access-key-id", "i"}, {"access-key-secret", "s"}, {"sign-name", "n"}, {"template", "T"}}),
      made(make_tencent, {{"secret-id", "i"}, {"secret-key", "s"}, {"app-id", "1"}, {"template", "2"}}),
      made(make_yunpian, {{"api-key", "k"}}),
      made(make_huawei, {{"app-key", "k"}, {"app-secret", "s"}, {"sender", "1"}, {"template", "2"}}),
      made(make_twilio, {{"account-sid", "AC1"}, {"auth-token", "t"}, {"from", "+15005550006"}}),
      made(make_vonage, {{"api-key", "k"}, {"api-secret", "s"}, {"from", "A"}}),
      made(make_webhook, {{"secret", "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="}})};
  return all;
}

bool safe(std::string_view code) {
  constexpr std::size_t longest = 64;
  return code.size() <= longest && std::all_of(code.begin(), code.end(), [](char c) { return c > ' ' && c <= '~'; });
}

void check_reply(const provider& format, std::string_view body) {
  for (const unsigned status : {200U, 201U, 400U, 429U, 500U}) {
    const outcome got = format.read_reply(status, body);
    require(safe(got.provider_code));
    require(got.what != outcome::kind::partial || !got.provider_id.empty());
  }
}

void check_receipts(const provider& format, std::string_view body) {
  for (const std::string_view method : {"GET", "POST"}) {
    for (const std::string_view type : {"application/json", "application/x-www-form-urlencoded"}) {
      receipt_call call;
      call.method = method;
      call.content_type = type;
      call.query = body;
      call.body = body;
      call.public_url = "https://otp.example.com/receipts/x/y";
      const receipt_result got = format.read_receipts(call);
      require(got.what == receipt_result::kind::taken || got.receipts.empty());
      require(got.receipts.size() <= max_receipts);
      for (const receipt& each : got.receipts) {
        require(!each.provider_id.empty());
        require(safe(each.error_code));
      }
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const provider& format = *providers().at(data[0] % providers().size());
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  if ((data[0] & 0x80U) != 0) {
    check_receipts(format, rest);
  } else {
    check_reply(format, rest);
  }
  return 0;
}
