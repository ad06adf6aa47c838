#include "sms/gateways/yunpian.hpp"

#include "sms/gateways/provider_case.hpp"

using namespace smsauth;
using namespace smsauth::test;
using sms::rejection;

namespace {

std::unique_ptr<sms::provider> yunpian(std::map<std::string, std::string> more = {}) {
  std::map<std::string, std::string> keys{{"api-key", "example-key-0003"}};
  keys.merge(more);
  return provider_of(sms::make_yunpian, std::move(keys));
}

}  // namespace

TEST_CASE("Yunpian: the value of a template is encoded twice on the wire") {
  for (const auto& each : vectors_of("replies", "yunpian-tpl-value")) {
    sms::wire_fields values;
    for (const auto& pair : each.at("inputs").at("values").as_array())
      values.emplace_back(text_of(pair.at(0)), text_of(pair.at(1)));
    const std::string value = sms::yunpian_template_value(values);
    CHECK(value == text_of(each.at("expected").at("tpl_value")));
    CHECK(sms::encode_fields(sms::wire_fields{{"tpl_value", value}}) == text_of(each.at("expected").at("form_field")));
  }
}

TEST_CASE("Yunpian: a text request, mainland numbers bare, others with their plus") {
  const auto format = yunpian({{"sign", "\u3010Acme\u3011"}, {"callback-url", "https://a.example/r"}});
  const auto request = format->make_request(code_to("+8613800138000"), send_time, "n", "h", "");
  CHECK(request.target == "/v2/sms/single_send.json");
  auto fields = fields_of(request.body);
  CHECK(fields["apikey"] == "example-key-0003");
  CHECK(fields["mobile"] == "13800138000");
  CHECK(fields["text"] == code_to("+86").text);
  CHECK(fields["uid"] == code_to("+86").id);
  CHECK(fields["callback_url"] == "https://a.example/r");
  sms::message foreign = code_to("+6591234567");
  foreign.text = "Code 102938";
  fields = fields_of(format->make_request(foreign, send_time, "n", "h", "").body);
  CHECK(fields["mobile"] == "+6591234567");
  CHECK(fields["text"] == "\u3010Acme\u3011Code 102938");
}

TEST_CASE("Yunpian: a template request") {
  const auto request = yunpian({{"mode", "template"}, {"template", "77"}})
                           ->make_request(code_to("+8613800138000"), send_time, "n", "h", "");
  CHECK(request.target == "/v2/sms/tpl_single_send.json");
  auto fields = fields_of(request.body);
  CHECK(fields["tpl_id"] == "77");
  CHECK(fields["tpl_value"] == "%23code%23=102938");
}

TEST_CASE("Yunpian: replies by class") {
  const auto format = yunpian();
  check_reply_vectors(*format, "yunpian");
  check_unreadable_replies(*format);
  const class_row rows[] = {
      {"8", rejection::rate_limited},         {"9", rejection::rate_limited},
      {"17", rejection::rate_limited},        {"22", rejection::rate_limited},
      {"33", rejection::rate_limited},        {"2", rejection::bad_number},
      {"20", rejection::bad_number},          {"23", rejection::bad_number},
      {"10", rejection::blocked_number},      {"4", rejection::content_or_template},
      {"5", rejection::content_or_template},  {"7", rejection::content_or_template},
      {"15", rejection::content_or_template}, {"16", rejection::content_or_template},
      {"3", rejection::insufficient_funds},   {"-1", rejection::auth_config},
      {"-2", rejection::auth_config},         {"-3", rejection::auth_config},
      {"18", rejection::auth_config},         {"19", rejection::auth_config},
      {"21", rejection::auth_config},         {"-4", rejection::retry_later},
      {"-5", rejection::retry_later},         {"-50", rejection::retry_later},
      {"-57", rejection::retry_later},        {"99", rejection::permanent},
  };
  for (const auto& row : rows) {
    CAPTURE(row.code);
    const std::string body =
        std::string(R"({"http_status_code":400,"code":)") + row.code + R"(,"msg":"m","detail":"d"})";
    CHECK(text_of(format->read_reply(400, body)) ==
          "rejected " + std::string(sms::to_string(row.why)) + ' ' + row.code);
  }
  CHECK(text_of(format->read_reply(200, R"({"code":0,"sid":9223372036854775806})")) == "accepted 9223372036854775806");
}

TEST_CASE("Yunpian: receipts, also of accounts that encode them twice") {
  const auto format = yunpian();
  check_callback_vectors(*format, "yunpian");
  check_malformed_receipts(*format);
  const std::string list = R"([{"sid":9527,"mobile":"15205201314","report_status":"SUCCESS"}])";
  const std::string body = "sms_status=" + sms::percent_encode(sms::percent_encode(list));
  sms::receipt_call call;
  call.method = "POST";
  call.body = body;
  const auto read = format->read_receipts(call);
  REQUIRE(read.receipts.size() == 1);
  CHECK(read.receipts[0].provider_id == "9527");
  CHECK(read.reply_body == "SUCCESS");
}
