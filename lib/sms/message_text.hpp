// The words of a message. Only our own words, the operator's signature, a code and a number of minutes: nothing that a
// user typed can be in them, so nobody can make the service send a text of theirs (SEND-09).
#pragma once

#include "core/purpose.hpp"
#include "sms/section.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace smsauth::sms {

/// What an operator may change for one purpose and language.
struct text_template {
  std::string text;          ///< with {code}, {minutes} and {signature}; empty = our own words
  std::string web_otp;       ///< host of an origin-bound code: the last line is "@HOST #CODE"; empty = none
  std::string android_hash;  ///< 11 characters of Android's SMS Retriever, on a line of their own; empty = none
};

struct text_settings {
  std::string signature = "smsauthd";  ///< who writes; mainland providers approve it beforehand
  /// By purpose, then zh and en.
  std::array<std::array<text_template, 2>, core::all_purposes.size()> templates = {};
  const text_template& of(core::purpose why, std::string_view language) const noexcept {
    return templates[static_cast<std::size_t>(why)][language == "zh" ? 0 : 1];
  }
};

/// The keys of [texts]: signature; text, web-otp and android-hash, each also as KEY.PURPOSE, KEY.LANGUAGE or
/// KEY.PURPOSE.LANGUAGE, the most exact first. Throws section_error.
text_settings read_texts(section& keys);

/// "zh" for the regions CN, HK, MO and TW, "en" for all others. `region` is a CLDR region in capitals.
std::string_view language_of(std::string_view region) noexcept;

/// The message that carries a code. `language` is "zh" or "en"; any other is read as "en". The life of the code is told
/// in whole minutes, rounded down so as never to promise too much, but at least 1.
///
/// With a signature of up to 20 characters it fits one segment: 70 UCS-2 characters in Chinese, 160 GSM 03.38 in
/// English.
std::string message_text(core::purpose purpose, std::string_view language, std::string_view code,
                         std::int64_t ttl_seconds, const text_settings& settings);

/// What an owner is told after the fact (OTP-15).
enum class notice : std::uint8_t {
  password_reset,  ///< to the account's number
  number_removed,  ///< rebind, to the old number
  number_added,    ///< rebind, to the new number
};

std::string notice_text(notice kind, std::string_view language, const text_settings& settings);

}  // namespace smsauth::sms
