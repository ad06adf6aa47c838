#include "sms/gateways/smpp.hpp"

#include "sms/smpp/link.hpp"
#include "sms/smpp/live_smpp.hpp"
#include "sms/smpp/smsc_double.hpp"
#include "sms/smpp/submit.hpp"

#include <doctest/doctest.h>

#include <chrono>

using namespace smsauth;
using namespace smsauth::sms::smpp;
using sms::outcome;
using sms::rejection;
using test::live_smpp;
using test::smpp_keys;
using test::smsc_double;
using session = test::smsc_double::session;

namespace {

using keys = std::map<std::string, std::string>;

std::string told(const outcome& what) {
  std::string line(to_string(what.what));
  if (what.what == outcome::kind::rejected) line.append(" ").append(to_string(what.reason));
  if (!what.provider_id.empty()) line.append(" id ").append(what.provider_id);
  if (!what.provider_code.empty()) line.append(" code ").append(what.provider_code);
  return line;
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i)
    out += text;
  return out;
}

pdu receipt_pdu(std::uint32_t sequence, const std::string& text) {
  short_message body;
  body.source = {1, 1, "8613800138000"};
  body.destination = {5, 0, "Example"};
  body.esm_class = 0x04;
  body.content = text;
  return make_pdu(command::deliver_sm, sequence, body);
}

/// Answers the nth submit_sm (from 0) with the nth status, and all later ones with 0.
smsc_double::script with_statuses(std::vector<std::uint32_t> statuses) {
  auto count = std::make_shared<std::size_t>(0);
  auto ids = std::make_shared<std::atomic<int>>(0);
  return [statuses = std::move(statuses), count, ids](session& s, const pdu& p) {
    if (p.is(command::submit_sm) && *count < statuses.size() && statuses[(*count)++] != 0)
      return s.reply(p, {}, statuses[*count - 1]);
    s.standard(p, *ids);
  };
}

std::int64_t took_ms(std::chrono::steady_clock::time_point since) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - since).count();
}

}  // namespace

TEST_CASE("smpp gateway: binds, submits, unbinds") {
  smsc_double smsc;
  live_smpp live(smpp_keys(smsc.port(), {{"system-type", "OTP"}}));
  CHECK(live.gateway().name() == "smpp1");
  CHECK(!live.gateway().local());
  CHECK(told(live.send("Your code is 123456")) == "accepted id MSG1");
  CHECK(told(live.send("Your code is 654321")) == "accepted id MSG2");
  live.stop();
  CHECK(live.idle());

  const auto binds = smsc.received(command::bind_transceiver);
  REQUIRE(binds.size() == 1);
  CHECK(std::get<bind_request>(binds[0].body) == bind_request{"esme1", "secret08", "OTP", 0x34, {}});
  const auto submits = smsc.received(command::submit_sm);
  REQUIRE(submits.size() == 2);
  const auto& first = std::get<short_message>(submits[0].body);
  CHECK(first.content == "Your code is 123456");
  CHECK(first.source == address{5, 0, "Example"});
  CHECK(first.destination == address{1, 1, "8613800138000"});
  CHECK(first.registered_delivery == 1);
  CHECK(submits[1].sequence == submits[0].sequence + 1);
  CHECK(smsc.received(command::unbind).size() == 1);
  CHECK(smsc.connections() == 1);
}

TEST_CASE("smpp gateway: a message that waits for the first bind is sent after it") {
  smsc_double smsc;
  live_smpp live(smpp_keys(smsc.port()));
  const auto one = live.begin("1");
  const auto two = live.begin("2");
  live.run_until([&] { return one->has_value() && two->has_value(); });
  CHECK(told(**one) == "accepted id MSG1");
  CHECK(told(**two) == "accepted id MSG2");
}

TEST_CASE("smpp gateway: a refused bind is an answer at once, and is tried again") {
  std::atomic<bool> refuse = true;
  std::atomic<int> ids = 0;
  smsc_double smsc([&](session& s, const pdu& p) {
    if (!p.is(command::bind_transceiver) || !refuse) return s.standard(p, ids);
    s.reply(p, {}, 0x0E);
    s.hang_up();
  });
  live_smpp live(smpp_keys(smsc.port()));
  CHECK(told(live.send("1")) == "rejected auth_config code 0000000e");
  CHECK(told(live.send("2")) == "rejected auth_config code 0000000e");
  refuse = false;
  const std::size_t before = smsc.connections();
  live.run_until([&] { return smsc.connections() > before; });
  live.run_until([&] { return live.send("3").what == outcome::kind::accepted; });
}

TEST_CASE("smpp gateway: an SMSC that throttles binds is worth another try") {
  smsc_double smsc([&](session& s, const pdu& p) {
    if (p.is(command::bind_transceiver)) s.reply(p, {}, status::throttled);
  });
  live_smpp live(smpp_keys(smsc.port(), {{"connect-timeout-ms", "400"}}));
  live.run_until([&] { return told(live.send("1")) == "rejected retry_later code 00000058"; });
}

TEST_CASE("smpp gateway: nobody listens: rejected within the connect time-out") {
  std::string port;
  {
    smsc_double gone;
    port = gone.port();
  }
  live_smpp live(smpp_keys(port, {{"connect-timeout-ms", "300"}}));
  const auto begun = std::chrono::steady_clock::now();
  CHECK(told(live.send("1")) == "rejected retry_later code connect");
  CHECK(took_ms(begun) < 5'000);
}

TEST_CASE("smpp gateway: an SMSC that never answers the bind: rejected within the connect time-out") {
  smsc_double smsc([](session&, const pdu&) {});
  live_smpp live(smpp_keys(smsc.port(), {{"connect-timeout-ms", "200"}}));
  const outcome first = live.send("1");
  CHECK(first.what == outcome::kind::rejected);
  CHECK(first.reason == rejection::retry_later);
  live.run_until([&] { return told(live.send("2")) == "rejected retry_later code timeout"; });
}

TEST_CASE("smpp gateway: a refused submit is rejected by its status, and the link stays") {
  smsc_double smsc(with_statuses({0x0B, 0x08, 0x0A, 0x400}));
  live_smpp live(smpp_keys(smsc.port()));
  CHECK(told(live.send("1")) == "rejected bad_number code 0000000b");
  CHECK(told(live.send("2")) == "rejected retry_later code 00000008");
  CHECK(told(live.send("3")) == "rejected content_or_template code 0000000a");
  CHECK(told(live.send("4")) == "rejected permanent code 00000400");
  CHECK(told(live.send("5")) == "accepted id MSG1");
  CHECK(smsc.connections() == 1);
}

TEST_CASE("smpp gateway: an SMSC that has too much gets nothing for a while") {
  smsc_double smsc(with_statuses({0x58, 0x14}));
  live_smpp live(smpp_keys(smsc.port()));
  CHECK(told(live.send("1")) == "rejected retry_later code 00000058");
  const auto begun = std::chrono::steady_clock::now();
  CHECK(told(live.send("2")) == "rejected retry_later code 00000014");
  // The pause began a little before `begun`: when the answer was read.
  CHECK(took_ms(begun) >= throttle_pause_ms - 50);
  CHECK(told(live.send("3")) == "accepted id MSG1");
  CHECK(took_ms(begun) >= 2 * throttle_pause_ms - 50);
  live.stop();
  CHECK(live.idle());
}

TEST_CASE("smpp gateway: an SMSC that forgot the bind is bound to again") {
  smsc_double smsc(with_statuses({0x04}));
  live_smpp live(smpp_keys(smsc.port()));
  CHECK(told(live.send("1")) == "rejected auth_config code 00000004");
  CHECK(told(live.send("2")) == "accepted id MSG1");
  CHECK(smsc.connections() == 2);
}

TEST_CASE("smpp gateway: PDUs that come octet by octet, or several at once") {
  smsc_double smsc;
  live_smpp live(smpp_keys(smsc.port()));
  CHECK(told(live.send("1")) == "accepted id MSG1");
  for (const char octet : encode(make_pdu(command::enquire_link, 7))) {
    smsc.push(std::string(1, octet));
    live.idle();
  }
  smsc.push(encode(make_pdu(command::enquire_link, 8)) + encode(receipt_pdu(9, "id:MSG1 stat:DELIVRD")) +
            encode(make_pdu(command::enquire_link, 10)));
  live.run_until([&] { return smsc.received(command::enquire_link_resp).size() == 3; });
  CHECK(live.receipts.size() == 1);
}

TEST_CASE(
    "smpp gateway: a generic_nack refuses, an answer without an id or with half a body does not accept by guess") {
  std::atomic<int> count = 0;
  std::atomic<int> ids = 0;
  smsc_double smsc([&](session& s, const pdu& p) {
    if (!p.is(command::submit_sm)) return s.standard(p, ids);
    const int number = ++count;
    if (number == 1) s.send(make_pdu(command::generic_nack, p.sequence, {}, 0x03));
    if (number == 2) s.reply(p);
    if (number == 3) {
      std::string octets = encode(make_pdu(command::submit_sm_resp, p.sequence, message_reply{"MSG", {}}));
      octets.back() = 'x';  // no end
      s.write(octets);
    }
  });
  live_smpp live(smpp_keys(smsc.port()));
  CHECK(told(live.send("1")) == "rejected permanent code 00000003");
  CHECK(told(live.send("2")) == "accepted");
  CHECK(told(live.send("3")) == "unknown code malformed");
}

TEST_CASE("smpp gateway: a link lost after the submit leaves its fate unknown; the next message goes out") {
  std::atomic<int> ids = 0;
  smsc_double smsc([&](session& s, const pdu& p) {
    if (p.is(command::submit_sm) && s.number == 0) return s.hang_up();
    s.standard(p, ids);
  });
  live_smpp live(smpp_keys(smsc.port()));
  CHECK(told(live.send("1")) == "unknown code link_lost");
  CHECK(told(live.send("2")) == "accepted id MSG1");
  CHECK(smsc.connections() == 2);
}

TEST_CASE("smpp gateway: no answer in time leaves the fate unknown; one that comes late harms nobody") {
  std::atomic<int> ids = 0;
  std::atomic<std::uint32_t> unanswered = 0;
  smsc_double smsc([&](session& s, const pdu& p) {
    if (p.is(command::submit_sm) && unanswered == 0) {
      unanswered = p.sequence;
      return;
    }
    s.standard(p, ids);
  });
  live_smpp live(smpp_keys(smsc.port(), {{"response-timeout-ms", "300"}, {"connect-timeout-ms", "10000"}}));
  CHECK(live.gateway().longest_call_ms() == 10'300);
  live.run_until([&] { return !smsc.received(command::bind_transceiver).empty(); });
  const auto begun = std::chrono::steady_clock::now();
  CHECK(told(live.send("1")) == "unknown code no_response");
  CHECK(took_ms(begun) >= 290);
  CHECK(took_ms(begun) < 5'000);
  smsc.push(make_pdu(command::submit_sm_resp, unanswered, message_reply{"LATE", {}}));
  const auto second = live.begin("2");
  live.run_until([&] { return second->has_value(); });
  CHECK(told(**second) == "accepted id MSG1");
  CHECK(smsc.connections() == 1);
}

TEST_CASE("smpp gateway: the SMSC unbinds: answered, then bound again") {
  smsc_double smsc;
  live_smpp live(smpp_keys(smsc.port()));
  CHECK(told(live.send("1")) == "accepted id MSG1");
  REQUIRE(smsc.push(make_pdu(command::unbind, 41)));
  live.run_until([&] { return !smsc.received(command::unbind_resp).empty(); });
  CHECK(smsc.received(command::unbind_resp)[0].sequence == 41);
  CHECK(told(live.send("2")) == "accepted id MSG2");
  CHECK(smsc.connections() == 2);
  CHECK(smsc.received(command::bind_transceiver).size() == 2);
}

TEST_CASE("smpp gateway: the SMSC closes without a word: bound again, and the next message goes out") {
  smsc_double smsc;
  live_smpp live(smpp_keys(smsc.port()));
  CHECK(told(live.send("1")) == "accepted id MSG1");
  smsc.cut();
  live.run_until([&] { return smsc.received(command::bind_transceiver).size() == 2; });
  CHECK(told(live.send("2")) == "accepted id MSG2");
}

TEST_CASE("smpp gateway: while there is a pause longer than a message may wait, it is refused at once") {
  smsc_double smsc([](session& s, const pdu&) { s.hang_up(); });
  live_smpp live(smpp_keys(smsc.port(), {{"connect-timeout-ms", "450"}}));
  live.run_until([&] { return told(live.send("1")) == "rejected retry_later code closed"; });
  // The pause, which has just begun, is at least half a second, and more than a message waits for.
  const auto begun = std::chrono::steady_clock::now();
  CHECK(told(live.send("2")) == "rejected retry_later code closed");
  CHECK(took_ms(begun) < 400);
}

TEST_CASE("smpp gateway: answers enquire_link, refuses what it does not know, lets alerts pass") {
  smsc_double smsc;
  live_smpp live(smpp_keys(smsc.port()));
  CHECK(told(live.send("1")) == "accepted id MSG1");
  pdu strange;
  strange.id = 0x103;
  strange.sequence = 8;
  smsc.push(make_pdu(command::alert_notification, 6));
  smsc.push(strange);
  smsc.push(make_pdu(command::enquire_link, 7));
  live.run_until([&] { return !smsc.received(command::enquire_link_resp).empty(); });
  CHECK(smsc.received(command::enquire_link_resp)[0].sequence == 7);
  const auto nacks = smsc.received(command::generic_nack);
  REQUIRE(nacks.size() == 1);
  CHECK(nacks[0].sequence == 8);
  CHECK(nacks[0].status == 0x03);
}

TEST_CASE("smpp gateway: a length that cannot be is answered, and the link made anew") {
  smsc_double smsc;
  live_smpp live(smpp_keys(smsc.port()));
  CHECK(told(live.send("1")) == "accepted id MSG1");
  smsc.push(std::string("\xff\xff\xff\xff\0\0\0\x15\0\0\0\0\0\0\0\x01", 16));
  live.run_until([&] { return !smsc.received(command::generic_nack).empty(); });
  CHECK(smsc.received(command::generic_nack)[0].status == 0x02);
  CHECK(told(live.send("2")) == "accepted id MSG2");
  CHECK(smsc.connections() == 2);
}

TEST_CASE("smpp gateway: probes a silent link, and leaves one that does not answer") {
  std::atomic<int> ids = 0;
  smsc_double smsc([&](session& s, const pdu& p) {
    if (p.is(command::enquire_link) && s.number == 1) return;
    s.standard(p, ids);
  });
  live_smpp live(smpp_keys(smsc.port(), {{"enquire-seconds", "1"}, {"response-timeout-ms", "400"}}));
  live.run_until([&] { return smsc.received(command::enquire_link).size() >= 2; });
  CHECK(smsc.connections() == 1);  // the first answer counted
  smsc.cut();
  live.run_until([&] { return smsc.connections() == 3; });
  CHECK(told(live.send("1")) == "accepted id MSG1");
}

TEST_CASE("smpp gateway: receipts come to the sink, each of them answered, also late, double and unknown ones") {
  smsc_double smsc;
  live_smpp live(smpp_keys(smsc.port()));
  CHECK(told(live.send("1")) == "accepted id MSG1");
  smsc.push(receipt_pdu(70, "id:MSG1 sub:001 dlvrd:001 stat:DELIVRD err:000 text:x"));
  smsc.push(receipt_pdu(71, "id:MSG1 sub:001 dlvrd:001 stat:DELIVRD err:000 text:x"));
  smsc.push(receipt_pdu(72, "id:OTHER stat:UNDELIV err:00B"));
  pdu user = receipt_pdu(73, "id:FORGED stat:DELIVRD");
  std::get<short_message>(user.body).esm_class = 0;
  smsc.push(user);
  std::string broken = encode(receipt_pdu(74, "id:BROKEN stat:DELIVRD"));
  broken[16 + 1 + 2 + 14 + 2 + 8 + 3 + 2 + 4] = '\x7f';  // sm_length
  smsc.push(broken);
  live.run_until([&] { return smsc.received(command::deliver_sm_resp).size() == 5; });
  const auto answers = smsc.received(command::deliver_sm_resp);
  for (std::size_t i = 0; i < 5; ++i) {
    CAPTURE(i);
    CHECK(answers[i].sequence == 70 + i);
    CHECK(answers[i].status == (i == 4 ? status::invalid_command_length : status::ok));
    CHECK(std::get<message_reply>(answers[i].body).message_id.empty());
  }
  REQUIRE(live.receipts.size() == 3);
  CHECK(live.receipts[0].provider_id == "MSG1");
  CHECK(live.receipts[0].state == sms::delivery_state::delivered);
  CHECK(live.receipts[1].provider_id == "MSG1");
  CHECK(live.receipts[2].provider_id == "OTHER");
  CHECK(live.receipts[2].error_code == "00B");
}

TEST_CASE("smpp gateway: a sink that throws costs the session, not the gateway") {
  smsc_double smsc;
  live_smpp live(smpp_keys(smsc.port()));
  CHECK(told(live.send("1")) == "accepted id MSG1");
  live.fail_once = true;
  smsc.push(receipt_pdu(70, "id:MSG1 stat:DELIVRD"));
  live.run_until([&] { return smsc.received(command::bind_transceiver).size() == 2; });
  CHECK(!live.fail_once);
  CHECK(told(live.send("2")) == "accepted id MSG2");
  live.stop();
  CHECK(live.idle());
}

TEST_CASE("smpp gateway: a message waits for the link no longer than until its deadline") {
  smsc_double smsc([](session&, const pdu&) {});
  live_smpp live(smpp_keys(smsc.port()));
  const auto now =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch());
  const auto begun = std::chrono::steady_clock::now();
  CHECK(told(live.send("1", "+8613800138000", now.count() + 300)) == "rejected retry_later code no_link");
  CHECK(took_ms(begun) < 10'000);  // of the 20 seconds that it could wait
}

TEST_CASE("smpp gateway: ids in two bases meet in outcome and receipt") {
  std::atomic<int> ids = 0;
  smsc_double smsc([&](session& s, const pdu& p) {
    if (!p.is(command::submit_sm)) return s.standard(p, ids);
    s.send(receipt_pdu(1, "id:2748 stat:DELIVRD"));  // before the answer: that happens
    s.reply(p, message_reply{"0ABC", {}});
  });
  live_smpp live(smpp_keys(smsc.port(), {{"receipt-id", "decimal"}}));
  CHECK(told(live.send("1")) == "accepted id 2748");
  REQUIRE(live.receipts.size() == 1);
  CHECK(live.receipts[0].provider_id == "2748");
}

TEST_CASE("smpp gateway: a long Chinese text goes in parts, and the first id stands for all") {
  smsc_double smsc;
  live_smpp live(smpp_keys(smsc.port()));
  CHECK(told(live.send(repeated("验", 140))) == "accepted id MSG1");
  CHECK(told(live.send(repeated("验", 71))) == "accepted id MSG4");
  const auto submits = smsc.received(command::submit_sm);
  REQUIRE(submits.size() == 5);
  std::vector<std::string> contents;
  for (const pdu& each : submits) {
    const auto& body = std::get<short_message>(each.body);
    CHECK(body.esm_class == 0x40);
    CHECK(body.data_coding == 8);
    contents.push_back(body.content);
  }
  CHECK(contents[0].substr(3, 1) == contents[2].substr(3, 1));
  CHECK(contents[0].substr(3, 1) != contents[3].substr(3, 1));
  CHECK(contents[2].substr(4) == std::string("\x03\x03", 2) + repeated("\x9a\x8c", 6));
}

TEST_CASE("smpp gateway: parts that are refused") {
  smsc_double smsc(with_statuses({0x08, 0, 0x45, 0, 0x08}));
  live_smpp live(smpp_keys(smsc.port()));
  const std::string three_parts = repeated("a", 400);
  CHECK(told(live.send(three_parts)) == "rejected retry_later code 00000008");
  CHECK(told(live.send(three_parts)) == "partial id MSG1 code 00000045");
  CHECK(told(live.send(three_parts)) == "partial id MSG2 code 00000008");
  CHECK(smsc.received(command::submit_sm).size() == 5);  // none behind a refused one
}

TEST_CASE("smpp gateway: a link lost between parts") {
  std::atomic<int> count = 0;
  std::atomic<int> ids = 0;
  smsc_double smsc([&](session& s, const pdu& p) {
    if (p.is(command::submit_sm) && ++count == 2) return s.hang_up();
    s.standard(p, ids);
  });
  live_smpp live(smpp_keys(smsc.port()));
  CHECK(told(live.send(repeated("a", 400))) == "unknown id MSG1 code link_lost");
}

TEST_CASE("smpp gateway: never more submits outstanding than the window has places; the rest in order") {
  std::vector<pdu> held;
  std::mutex mutex;
  std::atomic<int> ids = 0;
  std::atomic<std::size_t> most = 0;
  smsc_double smsc([&](session& s, const pdu& p) {
    const std::scoped_lock lock(mutex);
    if (p.is(command::submit_sm)) {
      held.push_back(p);
      most = std::max<std::size_t>(most, held.size());
      return;
    }
    s.standard(p, ids);
  });
  live_smpp live(smpp_keys(smsc.port(), {{"window", "3"}}));
  std::vector<live_smpp::reply> replies;
  for (int i = 0; i < 10; ++i)
    replies.push_back(live.begin(std::to_string(i)));
  const auto holds = [&](std::size_t count) {
    const std::scoped_lock lock(mutex);
    return held.size() == count;
  };
  live.run_until([&] { return holds(3); });
  // Each answer frees one place: the next one comes, and no second one with it.
  for (std::size_t answered = 0; answered < 10; ++answered) {
    live.run_until([&] { return holds(std::min<std::size_t>(3, 10 - answered)); });
    const std::scoped_lock lock(mutex);
    smsc.push(make_pdu(command::submit_sm_resp, held.front().sequence, message_reply{"W", {}}));
    held.erase(held.begin());
  }
  live.run_until(
      [&] { return std::all_of(replies.begin(), replies.end(), [](const auto& each) { return each->has_value(); }); });
  CHECK(most == 3);
  const auto submits = smsc.received(command::submit_sm);
  REQUIRE(submits.size() == 10);
  for (int i = 0; i < 10; ++i)
    CHECK(std::get<short_message>(submits[static_cast<std::size_t>(i)].body).content == std::to_string(i));
}

TEST_CASE("smpp gateway: who gets no place in the window in time has sent nothing") {
  std::atomic<int> ids = 0;
  smsc_double smsc([&](session& s, const pdu& p) {
    if (!p.is(command::submit_sm)) s.standard(p, ids);
  });
  live_smpp live(
      smpp_keys(smsc.port(), {{"window", "1"}, {"connect-timeout-ms", "400"}, {"response-timeout-ms", "3000"}}));
  live.run_until([&] { return !smsc.received(command::bind_transceiver).empty(); });
  const auto first = live.begin("1");
  live.run_until([&] { return !smsc.received(command::submit_sm).empty(); });
  CHECK(told(live.send("2")) == "rejected retry_later code window");
  CHECK(!first->has_value());
  live.run_until([&] { return first->has_value(); });
  CHECK(told(**first) == "unknown code no_response");
  CHECK(smsc.received(command::submit_sm).size() == 1);
}

TEST_CASE("smpp gateway: stop waits for answers that are out, refuses what comes, and unbinds") {
  std::atomic<std::uint32_t> held = 0;
  std::atomic<int> ids = 0;
  smsc_double smsc([&](session& s, const pdu& p) {
    if (p.is(command::submit_sm))
      held = p.sequence;
    else
      s.standard(p, ids);
  });
  live_smpp live(smpp_keys(smsc.port(), {{"window", "1"}}));
  const auto out = live.begin("1");
  const auto waiting = live.begin("2");
  live.run_until([&] { return held != 0; });
  live.begin_stop();
  live.run_until([&] { return waiting->has_value(); });
  CHECK(told(**waiting) == "rejected retry_later code stopping");
  CHECK(told(live.send("3")) == "rejected retry_later code stopping");
  CHECK(!live.stopped());
  CHECK(smsc.received(command::unbind).empty());
  smsc.push(make_pdu(command::submit_sm_resp, held, message_reply{"LAST", {}}));
  live.run_until([&] { return live.stopped(); });
  CHECK(told(**out) == "accepted id LAST");
  CHECK(smsc.received(command::unbind).size() == 1);
  CHECK(live.idle());
}

TEST_CASE("smpp gateway: stop ends in time when the SMSC answers nothing, and while there is no link") {
  std::atomic<int> ids = 0;
  smsc_double smsc([&](session& s, const pdu& p) {
    if (p.is(command::bind_transceiver)) s.standard(p, ids);
  });
  live_smpp bound(smpp_keys(smsc.port(), {{"response-timeout-ms", "300"}}));
  CHECK(told(bound.send("1")) == "unknown code no_response");
  const auto begun = std::chrono::steady_clock::now();
  bound.stop();
  CHECK(took_ms(begun) >= 290);
  CHECK(took_ms(begun) < 5'000);
  CHECK(bound.idle());

  smsc_double refusing([](session& s, const pdu&) { s.hang_up(); });
  live_smpp pausing(smpp_keys(refusing.port()));
  pausing.run_until([&] { return refusing.connections() == 1; });
  pausing.stop();
  CHECK(pausing.idle());
}

TEST_CASE("smpp gateway: one that goes away in the middle of everything leaves nothing behind") {
  smsc_double smsc([](session& s, const pdu& p) {
    std::atomic<int> ids = 0;
    if (!p.is(command::submit_sm)) s.standard(p, ids);
  });
  live_smpp live(smpp_keys(smsc.port(), {{"window", "1"}}));
  const auto out = live.begin("1");
  const auto waiting = live.begin("2");
  live.run_until([&] { return !smsc.received(command::submit_sm).empty(); });
  CHECK(!out->has_value());
  CHECK(!waiting->has_value());
}

TEST_CASE("smpp gateway: a message past its deadline, or to no number, is not sent") {
  smsc_double smsc;
  live_smpp live(smpp_keys(smsc.port()));
  CHECK(told(live.send("1", "+8613800138000", 1)) == "rejected permanent code expired");
  CHECK(told(live.send("1", "13800138000")) == "rejected bad_number code number");
  CHECK(smsc.received(command::submit_sm).empty());
}

TEST_CASE("smpp gateway: a setting that cannot be is named") {
  const auto refused_key = [](const keys& more, const std::string& without = {}) -> std::string {
    keys all = smpp_keys("2775", more);
    all.erase(without);
    sms::section section("smpp1", all);
    boost::asio::io_context where(1);
    try {
      sms::make_smpp(section, where, {});
      section.done();
    } catch (const sms::section_error& e) {
      CHECK(std::string(e.what()).find("secret08") == std::string::npos);
      return e.key();
    }
    return "none";
  };
  CHECK(refused_key({}) == "none");
  CHECK(refused_key({{"source-ton", "1"}, {"source-npi", "1"}, {"tls", "on"}, {"receipt-id", "hex"}}) == "none");
  for (const char* key : {"host", "system-id", "password", "source"}) {
    CAPTURE(key);
    CHECK(refused_key({}, key) == key);
  }
  CHECK(refused_key({{"password", "123456789"}}) == "password");
  CHECK(refused_key({{"system-id", "1234567890123456"}}) == "system-id");
  CHECK(refused_key({{"system-type", "1234567890123"}}) == "system-type");
  CHECK(refused_key({{"source", "much too long a name"}}) == "source");
  CHECK(refused_key({{"source-ton", "7"}}) == "source-ton");
  CHECK(refused_key({{"window", "0"}}) == "window");
  CHECK(refused_key({{"receipt-id", "octal"}}) == "receipt-id");
  CHECK(refused_key({{"tls", "on"}, {"ca-file", "/nonexistent"}}) == "ca-file");
  CHECK(refused_key({{"colour", "blue"}}) == "colour");
}
