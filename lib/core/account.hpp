// An account and what the dialects show of it.
#pragma once

#include "core/error.hpp"
#include "core/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace smsauth::core {

/// The numbers are those of dialect discuzq and of the database.
enum class account_status : std::int8_t {
  normal = 0,
  banned = 1,
  pending = 2,
  rejected = 3,
  ignored = 4,
  replaced = 5
};

/// The failure that a call with an account of this status gets; nothing for normal.
std::optional<errc> refusal_of(account_status status) noexcept;

struct enterprise_application {
  std::int64_t enterprise_id = 0;
  std::string name;
  std::int64_t state = 0;  ///< -1 refused, 0 asked, 1 granted
};

struct social_circle {
  std::int64_t id = 0;
  std::string name;
  std::string logo;
  std::string description;
};

struct account {
  std::int64_t uid = 0;   ///< 1 … 2^53 - 1: two dialects show it as a JSON number
  std::string public_id;  ///< 32 hex digits, 128 random bits
  std::string phone;      ///< E.164; empty only for an account without a number
  account_status status = account_status::normal;
  std::string username;
  std::string name;  ///< as given at v4 registration
  std::string nickname;
  std::string gender;  ///< "男", "女", "保密" or empty
  std::string birthday;
  std::string email;
  std::string avatar;           ///< URL or empty
  std::string role = "member";  ///< member merchant General_admin admin
  std::int64_t points = 0;
  bool can_rename = false;
  bool settled = false;  ///< a merchant's application was granted
  bool has_password = false;
  bool has_pay_password = false;
  std::int64_t session_epoch = 0;  ///< sessions of an older epoch are dead
  std::int64_t social_circle_id = 0;
  std::string register_address;
  std::string last_login_address;
  std::string last_login_device;
  epoch_ms last_login_at = 0;
  epoch_ms created_at = 0;
  epoch_ms updated_at = 0;
  // Of other tables, loaded with the account for the dialects that show them.
  std::int64_t enterprise_id = -1;  ///< -1 = none
  std::vector<std::string> permissions;
  std::optional<enterprise_application> application;
  social_circle circle;
};

/// The user's own invite code: 8 characters A-Z2-9 without I and O, a fixed permutation of the uid, so it needs no
/// table. Throws std::out_of_range for a uid outside 1 … 2^40 - 1, as does generated_username.
std::string invite_code_of(std::int64_t uid);
/// The uid behind an own invite code, or nothing. Small letters are taken too. The account need not exist.
std::optional<std::int64_t> uid_of_invite_code(std::string_view code);
/// A user name that is unique because the uid is: `prefix` and 6 small letters or digits, 8 from uid 2^31 on.
std::string generated_username(std::string_view prefix, std::int64_t uid);
/// "131****0001": first 3 and last 4 of a national number, as dialect module shows it. At least 4 digits stay hidden,
/// so a short number shows fewer.
std::string masked_national(std::string_view national);

}  // namespace smsauth::core
