#include "sms/gateways/yunpian.hpp"

#include "sms/gateways/templates.hpp"
#include "sms/wire_code.hpp"
#include "sms/wire_json.hpp"
#include "sms/wire_reply.hpp"
#include "sms/wire_time.hpp"

#include <boost/json/array.hpp>

#include <array>

namespace smsauth::sms {

namespace {

constexpr int beijing = 8;
constexpr std::string_view opening_mark = "\u3010";  // 【

constexpr std::array codes{
    code_class{"8", rejection::rate_limited},         code_class{"9", rejection::rate_limited},
    code_class{"17", rejection::rate_limited},        code_class{"22", rejection::rate_limited},
    code_class{"33", rejection::rate_limited},        code_class{"2", rejection::bad_number},
    code_class{"20", rejection::bad_number},          code_class{"23", rejection::bad_number},
    code_class{"10", rejection::blocked_number},      code_class{"4", rejection::content_or_template},
    code_class{"5", rejection::content_or_template},  code_class{"7", rejection::content_or_template},
    code_class{"15", rejection::content_or_template}, code_class{"16", rejection::content_or_template},
    code_class{"3", rejection::insufficient_funds},   code_class{"-1", rejection::auth_config},
    code_class{"-2", rejection::auth_config},         code_class{"-3", rejection::auth_config},
    code_class{"18", rejection::auth_config},         code_class{"19", rejection::auth_config},
    code_class{"21", rejection::auth_config},         code_class{"-4", rejection::retry_later},
    code_class{"-5*", rejection::retry_later},
};

struct yunpian_settings {
  std::string api_key;
  std::string sign;
  bool by_template = false;
  template_ids templates;
  std::string code_variable;
  std::string callback_url;
};

class yunpian final : public provider {
 public:
  explicit yunpian(yunpian_settings settings) : settings_(std::move(settings)) {}

  net::http_request make_request(const message& what, core::epoch_ms /*now*/, std::string_view /*nonce*/,
                                 std::string_view /*host*/, std::string_view /*path_prefix*/) const override {
    const bool mainland = what.to.starts_with("+86");
    wire_fields fields{{"apikey", settings_.api_key}, {"mobile", mainland ? bare_number(what.to) : what.to}};
    net::http_request made;
    if (settings_.by_template) {
      made.target = "/v2/sms/tpl_single_send.json";
      fields.emplace_back("tpl_id", settings_.templates.of(what));
      fields.emplace_back("tpl_value", yunpian_template_value({{settings_.code_variable, what.code}}));
    } else {
      made.target = "/v2/sms/single_send.json";
      fields.emplace_back("text", what.text.starts_with(opening_mark) ? what.text : settings_.sign + what.text);
    }
    fields.emplace_back("uid", what.id);
    if (!settings_.callback_url.empty()) fields.emplace_back("callback_url", settings_.callback_url);
    made.headers.push_back({"Accept", "application/json;charset=utf-8"});
    made.headers.push_back({"Content-Type", "application/x-www-form-urlencoded;charset=utf-8"});
    made.body = encode_fields(fields);
    return made;
  }

  outcome read_reply(unsigned status, std::string_view body) const override {
    const auto reply = parse_wire_json(body);
    const std::string code = reply ? wire_text(*reply, "code") : std::string();
    if (code.empty()) return unreadable(status);
    if (code != "0") return refused(codes, code, status);
    std::string id = wire_text(*reply, "sid");
    return id.empty() ? outcome::unknown("no_id") : outcome::accepted(std::move(id));
  }

  receipt_result read_receipts(const receipt_call& call) const override {
    const auto form = parse_fields(call.body);
    const auto field = form ? find_field(*form, "sms_status") : std::nullopt;
    if (call.method != "POST" || !field) return receipt_result::malformed();
    std::string text(*field);
    if (!text.starts_with('[')) {  // some accounts encode it twice
      const auto again = parse_fields("v=" + text);
      if (!again || again->empty()) return receipt_result::malformed();
      text = again->front().second;
    }
    const auto pushed = parse_wire_json(text);
    const auto* const all = pushed ? pushed->if_array() : nullptr;
    if (all == nullptr) return receipt_result::malformed();
    std::vector<receipt> told;
    for (const auto& each : *all) {
      if (told.size() == max_receipts) break;
      receipt one;
      one.provider_id = wire_text(each, "sid");
      if (one.provider_id.empty()) continue;
      one.message_id = wire_text(each, "uid");
      one.to = e164_of(wire_text(each, "mobile"));
      one.state = wire_text(each, "report_status") == "SUCCESS" ? delivery_state::delivered : delivery_state::failed;
      one.error_code = wire_code(wire_text(each, "error_msg"));
      one.at = parse_time(wire_text(each, "user_receive_time"), beijing).value_or(0);
      told.push_back(std::move(one));
    }
    return receipt_result::taken(std::move(told), "SUCCESS", "text/plain");
  }

 private:
  const yunpian_settings settings_;
};

}  // namespace

std::string yunpian_template_value(const wire_fields& values) {
  wire_fields marked;
  for (const auto& [name, value] : values)
    marked.emplace_back('#' + name + '#', value);
  return encode_fields(marked);
}

std::unique_ptr<provider> make_yunpian(section& keys) {
  yunpian_settings read;
  read.api_key = keys.required_secret("api-key");
  read.by_template = keys.choice("mode", "text|template") == "template";
  read.sign = keys.text("sign", "");
  if (!read.sign.empty() && !read.sign.starts_with(opening_mark))
    throw section_error("sign", "expected the approved signature in its brackets");
  read.code_variable = keys.text("code-variable", "code");
  if (read.by_template) read.templates = template_ids(keys);
  read.callback_url = keys.text("callback-url", "");
  return std::make_unique<yunpian>(std::move(read));
}

}  // namespace smsauth::sms
