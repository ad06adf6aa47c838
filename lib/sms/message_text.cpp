#include "sms/message_text.hpp"

#include "sms/autofill.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>

namespace smsauth::sms {

namespace {

constexpr std::int64_t seconds_per_minute = 60;

struct phrase {
  std::string_view zh;
  std::string_view en;
};

/// What the code is for. The receiver must be able to tell a login from the reset of a pay password (OTP-07).
phrase action(core::purpose purpose) {
  switch (purpose) {
    case core::purpose::login:
      return {"登录", "log in"};
    case core::purpose::register_account:
      return {"注册账号", "register"};
    case core::purpose::bind:
      return {"绑定手机号", "link this number"};
    case core::purpose::rebind:
      return {"更换手机号", "change your number"};
    case core::purpose::reset_password:
      return {"重置登录密码", "reset your password"};
    case core::purpose::reset_pay_password:
      return {"重置支付密码", "reset your pay password"};
    case core::purpose::verify:
      break;
  }
  return {"验证身份", "confirm your identity"};
}

phrase event(notice kind) {
  switch (kind) {
    case notice::password_reset:
      return {"您的登录密码已重置，所有设备已退出登录。", "Your password was reset and all devices were signed out."};
    case notice::number_removed:
      return {"您的账号已更换手机号，本号码不再可用于登录。",
              "Your account has a new number; this one no longer opens it."};
    case notice::number_added:
      break;
  }
  return {"本号码已绑定到您的账号，所有设备已退出登录。",
          "This number now belongs to your account; all devices were signed out."};
}

std::string with_signature(bool chinese, const text_settings& settings) {
  return chinese ? "【" + settings.signature + "】" : "[" + settings.signature + "] ";
}

std::string& append(std::string& text, std::initializer_list<std::string_view> parts) {
  for (const std::string_view part : parts)
    text += part;
  return text;
}

// {code} and the like filled in; read_texts has checked that there are no others.
std::string filled(std::string_view form, std::string_view code, std::string_view minutes, std::string_view signature) {
  std::string text;
  while (!form.empty()) {
    const auto open = form.find('{');
    text += form.substr(0, open);
    if (open == std::string_view::npos) break;
    const auto close = form.find('}', open);
    const std::string_view name = form.substr(open + 1, close - open - 1);
    text += name == "code" ? code : name == "minutes" ? minutes : signature;
    form.remove_prefix(close + 1);
  }
  return text;
}

std::string with_autofill(const std::string& text, const text_template& own, std::string_view code) {
  if (own.android_hash.empty() && own.web_otp.empty()) return text;
  autofill_settings lines;
  lines.host = own.web_otp;
  lines.android_hash = own.android_hash;
  return autofill_text(text, code, lines);
}

bool is_form(std::string_view form) {
  bool has_code = false;
  for (auto open = form.find_first_of("{}"); open != std::string_view::npos; open = form.find_first_of("{}")) {
    const auto close = form.find('}', open);
    if (form[open] == '}' || close == std::string_view::npos) return false;
    const std::string_view name = form.substr(open + 1, close - open - 1);
    if (name != "code" && name != "minutes" && name != "signature") return false;
    has_code = has_code || name == "code";
    form.remove_prefix(close + 1);
  }
  return has_code;
}

}  // namespace

std::string_view language_of(std::string_view region) noexcept {
  constexpr std::array<std::string_view, 4> chinese{"CN", "HK", "MO", "TW"};
  return std::find(chinese.begin(), chinese.end(), region) != chinese.end() ? "zh" : "en";
}

std::string message_text(core::purpose purpose, std::string_view language, std::string_view code,
                         std::int64_t ttl_seconds, const text_settings& settings) {
  const std::int64_t minutes = std::max<std::int64_t>(1, ttl_seconds / seconds_per_minute);
  const std::string number = std::to_string(minutes);
  const bool chinese = language == "zh";
  const text_template& own = settings.of(purpose, language);
  if (!own.text.empty()) return with_autofill(filled(own.text, code, number, settings.signature), own, code);
  const phrase what = action(purpose);
  std::string text = with_signature(chinese, settings);
  // The code stands right after the word that phones look for when they offer to fill it in.
  if (chinese) {
    append(text, {"验证码", code, "，用于", what.zh, "，", number, "分钟内有效。请勿告诉他人，如非本人操作请忽略。"});
  } else {
    append(text, {"Code ", code, " to ", what.en, ", valid for ", number, minutes == 1 ? " minute" : " minutes",
                  ". Tell it to nobody. Not you? Ignore this."});
  }
  return with_autofill(text, own, code);
}

text_settings read_texts(section& keys) {
  text_settings made;
  made.signature = keys.text("signature", made.signature);
  if (made.signature.empty()) throw section_error("signature", "expected the name of who writes");
  for (const core::purpose why : core::all_purposes) {
    for (const std::string_view language : {"zh", "en"}) {
      text_template& own = made.templates[static_cast<std::size_t>(why)][language == "zh" ? 0 : 1];
      own.text = keys.per_purpose("text", why, language);
      own.web_otp = keys.per_purpose("web-otp", why, language);
      own.android_hash = keys.per_purpose("android-hash", why, language);
      if (!own.text.empty() && !is_form(own.text))
        throw section_error("text", "expected a text with {code}, and perhaps {minutes} and {signature}");
      if (!own.web_otp.empty() && !is_autofill_host(own.web_otp))
        throw section_error("web-otp", "expected a host name without scheme and port");
      if (!own.android_hash.empty() && !is_android_app_hash(own.android_hash))
        throw section_error("android-hash", "expected the 11 characters of the app's hash");
    }
  }
  keys.done();
  return made;
}

std::string notice_text(notice kind, std::string_view language, const text_settings& settings) {
  const bool chinese = language == "zh";
  const phrase what = event(kind);
  std::string text = with_signature(chinese, settings);
  return chinese ? append(text, {what.zh, "如非本人操作，请立即联系客服。"})
                 : append(text, {what.en, " Not you? Contact support now."});
}

}  // namespace smsauth::sms
