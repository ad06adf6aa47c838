#include "sms/smpp/submit.hpp"

#include "sms/gsm7.hpp"

#include <doctest/doctest.h>

using namespace smsauth;
using namespace smsauth::sms::smpp;
using sms::rejection;

namespace {

constexpr core::epoch_ms now = 1'795'257'841'000;

sms::message message_with(std::string text) {
  sms::message what;
  what.to = "+8613800138000";
  what.text = std::move(text);
  what.deadline = now + 300'000;
  return what;
}

std::vector<short_message> parts_of(const sms::message& what) {
  return std::get<0>(make_submits(what, {5, 0, "Example"}, now, 0xA7));
}

std::string refusal_of(const sms::message& what) {
  const auto made = make_submits(what, {5, 0, "Example"}, now, 0xA7);
  const auto* const refused = std::get_if<sms::outcome>(&made);
  if (refused == nullptr) return "none";
  return std::string(to_string(refused->reason)) + ' ' + refused->provider_code;
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i)
    out += text;
  return out;
}

std::string validity_of(std::int64_t left_ms) {
  sms::message what = message_with("a");
  what.deadline = now + left_ms;
  return parts_of(what).at(0).validity_period;
}

}  // namespace

TEST_CASE("smpp submit: a short text is one submit_sm, unpacked, with the code's life and a receipt asked for") {
  const auto parts = parts_of(message_with("Your code is 123456 [€]"));
  REQUIRE(parts.size() == 1);
  const short_message& only = parts[0];
  CHECK(only.source == address{5, 0, "Example"});
  CHECK(only.destination == address{1, 1, "8613800138000"});
  CHECK(only.esm_class == 0);
  CHECK(only.data_coding == 0);
  CHECK(only.registered_delivery == 1);
  CHECK(only.validity_period == "000000000500000R");
  CHECK(only.schedule_delivery_time.empty());
  CHECK(only.content == sms::encode_gsm7("Your code is 123456 [€]"));
  CHECK_NOTHROW(encode(make_pdu(command::submit_sm, 1, only)));
}

TEST_CASE("smpp submit: Chinese goes as UTF-16, big end first") {
  const auto parts = parts_of(message_with("验1"));
  REQUIRE(parts.size() == 1);
  CHECK(parts[0].data_coding == 8);
  CHECK(parts[0].content == std::string("\x9a\x8c\x00"
                                        "1",
                                        4));
}

TEST_CASE("smpp submit: parts carry a header with the same reference, their number and how many they are") {
  for (const auto& [text, part_octets, last_octets] :
       {std::tuple(repeated("a", 307), 153U, 1U), std::tuple(repeated("验", 135), 134U, 2U)}) {
    const auto parts = parts_of(message_with(text));
    REQUIRE(parts.size() == 3);
    for (std::size_t i = 0; i < 3; ++i) {
      CAPTURE(i);
      CHECK(parts[i].esm_class == 0x40);
      CHECK(parts[i].content.substr(0, 6) == std::string("\x05\x00\x03\xA7\x03", 5) + static_cast<char>(i + 1));
      CHECK(parts[i].content.size() == 6 + (i < 2 ? part_octets : last_octets));
      CHECK(parts[i].validity_period == "000000000500000R");
      CHECK_NOTHROW(encode(make_pdu(command::submit_sm, 1, parts[i])));
    }
  }
}

TEST_CASE("smpp submit: the validity period is what is left, rounded down, never nothing") {
  CHECK(validity_of(59'999) == "000000000059000R");
  CHECK(validity_of(1) == "000000000001000R");
  CHECK(validity_of(3'661'000) == "000000010101000R");
  CHECK(validity_of(86'400'000) == "000001000000000R");
  CHECK(validity_of(400LL * 86'400'000) == "000030000000000R");
  sms::message without = message_with("a");
  without.deadline = 0;
  CHECK(parts_of(without).at(0).validity_period.empty());
}

TEST_CASE("smpp submit: what cannot be sent is refused before anything is") {
  sms::message what = message_with("a");
  what.deadline = now;
  CHECK(refusal_of(what) == "permanent expired");
  CHECK(refusal_of(message_with(repeated("a", 153 * 255))) == "none");
  CHECK(refusal_of(message_with(repeated("a", 153 * 255 + 1))) == "content_or_template too_long");
  for (const char* number : {"", "+", "8613800138000", "+86138x", "+1234567890123456"}) {
    CAPTURE(number);
    what = message_with("a");
    what.to = number;
    CHECK(refusal_of(what) == "bad_number number");
  }
}

TEST_CASE("smpp submit: a sender's type follows its form") {
  CHECK(sender_address("Example") == address{5, 0, "Example"});
  CHECK(sender_address("Example 123") == address{5, 0, "Example 123"});
  CHECK(sender_address("+8613800138000") == address{1, 1, "8613800138000"});
  CHECK(sender_address("8613800138000") == address{1, 1, "8613800138000"});
  CHECK(sender_address("+4412345") == address{1, 1, "4412345"});
  CHECK(sender_address("10690") == address{3, 0, "10690"});
  CHECK(sender_address("12345678") == address{3, 0, "12345678"});
  CHECK(!sender_address(""));
  CHECK(!sender_address("+"));
  CHECK(!sender_address("Example 1234"));
  CHECK(!sender_address("签名"));
  CHECK(!sender_address(repeated("1", 21)));
}

TEST_CASE("smpp submit: a status is a class and eight digits") {
  const auto name = [](std::uint32_t value) { return std::string(to_string(rejection_of(value))); };
  for (const std::uint32_t value : {0x58U, 0x14U, 0x08U}) {
    CHECK(name(value) == "retry_later");
    CHECK(bind_rejection_of(value) == rejection::retry_later);
  }
  for (const std::uint32_t value : {0x0BU, 0x50U, 0x51U})
    CHECK(name(value) == "bad_number");
  for (const std::uint32_t value : {0x0AU, 0x43U, 0x45U, 0x01U, 0x62U, 0x104U})
    CHECK(name(value) == "content_or_template");
  for (const std::uint32_t value : {0x0DU, 0x0EU, 0x0FU, 0x05U, 0x04U}) {
    CHECK(name(value) == "auth_config");
    CHECK(bind_rejection_of(value) == rejection::auth_config);
  }
  for (const std::uint32_t value : {0x02U, 0x03U, 0x400U}) {
    CHECK(name(value) == "permanent");
    CHECK(bind_rejection_of(value) == rejection::auth_config);
  }
  CHECK(status_code(0x58) == "00000058");
  CHECK(status_code(0xFFFF'FFFF) == "ffffffff");
}
