// What the server allows: codes, passwords, accounts, sessions, dialects. Defaults: product contract, section 3.
#include "app/option_rows.hpp"
#include "app/option_setters.hpp"
#include "app/option_values.hpp"

#include <algorithm>

namespace smsauth::app {
namespace {

constexpr std::int64_t max_code_ttl_seconds = 600;        // OTP-02; no profile may go beyond it
constexpr std::int64_t max_session_seconds = 31'622'400;  // 366 days

template <auto Field>
constexpr integer_setter code_limit = put_integer<&settings::service, &service::settings::codes, Field>;
template <auto Field>
constexpr integer_setter password_limit = put_integer<&settings::service, &service::settings::passwords, Field>;
template <auto Field>
constexpr integer_setter session_limit = put_integer<&settings::service, &service::settings::sessions, Field>;
template <auto Field>
constexpr choice_setter service_switch = put_on_off<&settings::service, Field>;

/// Two characters (discuzq spec 4.1).
bool is_username_prefix(std::string_view text) noexcept {
  return text.size() == 2 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
         });
}

constexpr option code_table[] = {
    limit("code-ttl", "seconds", {30, max_code_ttl_seconds}, "300", code_limit<&core::code_limits::ttl_seconds>,
          "life of a code", max_code_ttl_seconds),
    limit("resend-gap", "seconds", {10, 3600}, "60", code_limit<&core::code_limits::resend_gap_seconds>,
          "between two codes for one phone and purpose"),
    limit("phone-sends-per-hour", "codes", {1, 1000}, "5", code_limit<&core::code_limits::phone_sends_per_hour>,
          "codes sent to one phone in an hour, over all purposes and dialects"),
    limit("phone-sends-per-day", "codes", {1, 10'000}, "10", code_limit<&core::code_limits::phone_sends_per_day>,
          "codes sent to one phone in 24 h"),
    limit("ip-sends-per-hour", "codes", {1, 1'000'000}, {"0", "30"},
          code_limit<&core::code_limits::address_sends_per_hour>,
          "codes asked for in an hour by one IPv4 address or IPv6 /64"),
    limit("ip-sends-per-day", "codes", {1, 10'000'000}, {"0", "200"},
          code_limit<&core::code_limits::address_sends_per_day>, "codes asked for in 24 h by one address"),
    limit("ip-lookups-per-hour", "questions", {1, 1'000'000}, {"0", "60"},
          code_limit<&core::code_limits::address_lookups_per_hour>,
          "questions \"is this number registered\" from one address in an hour"),
    limit("wrong-tries-per-code", "tries", {1, 5}, "5", code_limit<&core::code_limits::wrong_tries_per_code>,
          "wrong tries after which a code is dead"),
    limit("wrong-tries-per-day", "tries", {1, 100}, "10", code_limit<&core::code_limits::wrong_tries_per_day>,
          "wrong tries of one phone in 24 h over all its codes; then none is taken"),
    positive("grant-ttl", "seconds", {30, 900}, "300", code_limit<&core::code_limits::grant_seconds>,
             "life of a password-reset grant"),
    positive("rebind-proof-ttl", "seconds", {30, 3600}, "600", code_limit<&core::code_limits::rebind_proof_seconds>,
             "life of the proof of the old phone"),
    positive("bind-token-ttl", "seconds", {60, 86'400}, "3600", code_limit<&core::code_limits::bind_token_seconds>,
             "life of the token that comes with no_bind_user"),
};

constexpr option password_table[] = {
    positive("password-min-length", "characters", {6, 128}, {"6", "6", "8"},
             password_limit<&core::password_limits::min_length>, "in code points; strict refuses less than 8"),
    positive("password-max-length", "characters", {14, 256}, {"50", "50", "128"},
             password_limit<&core::password_limits::max_length>, "in code points; longer ones are refused, never cut"),
    positive("v4-password-min-length", "characters", {6, 128}, {"6", "6", "8"},
             password_limit<&core::password_limits::v4_min_length>, "the same for dialect v4"),
    positive("v4-password-max-length", "characters", {14, 256}, {"14", "14", "128"},
             password_limit<&core::password_limits::v4_max_length>, "the same for dialect v4"),
    choice("password-blocklist", "on|off", {"off", "off", "on"},
           put_on_off<&settings::service, &service::settings::passwords, &core::password_limits::blocklist>,
           "refuse common passwords and the phone number itself"),
    number("password-free-failures", "failures", {0, 20}, "4", password_limit<&core::password_limits::free_failures>,
           "failed logins of an account before the first delay", "delay from the first failure"),
    positive("password-first-delay", "seconds", {1, 900}, "30",
             password_limit<&core::password_limits::first_delay_seconds>,
             "first delay after failed logins; it doubles with each"),
    positive("password-max-delay", "seconds", {60, 86'400}, "900",
             password_limit<&core::password_limits::max_delay_seconds>, "longest delay after failed logins"),
    positive("pay-password-tries", "tries", {1, 10}, "5", password_limit<&core::password_limits::pay_password_tries>,
             "wrong tries after which a pay password is off until reset"),
    {"argon2-memory",
     option_kind::integer,
     "KiB",
     {7168, 262'144},
     {8, 262'144},
     "19456",
     false,
     "",
     put_integer<&settings::service, &service::settings::argon2_memory_kib>,
     "memory of one Argon2id hash; older hashes are renewed at login"},
    {"argon2-iterations",
     option_kind::integer,
     "passes",
     {1, 10},
     {1, 10},
     "2",
     false,
     "",
     put_integer<&settings::service, &service::settings::argon2_iterations>,
     "passes of one Argon2id hash; memory x passes is at least 35840 outside dev"},
};

constexpr option account_table[] = {
    one(option_kind::list, "countries", "regions such as CN, PH, or all alone", {"all", "CN"},
        add_checked<is_country, &settings::service, &service::settings::phones, &core::phone_policy::countries>,
        "whose numbers are taken"),
    number("default-country-code", "calling code", {1, 999}, "86",
           put_integer<&settings::service, &service::settings::default_country_code>,
           "country code of numbers that come without"),
    choice("strict-mainland", "on|off", "off",
           put_on_off<&settings::service, &service::settings::phones, &core::phone_policy::strict_mainland>,
           "ask libphonenumber about mainland ranges too; it refuses a few that exist"),
    choice("registration", "open|approval|closed", "open",
           put_choice<&settings::service, &service::settings::registration>,
           "who may register: anyone, anyone whom the operator approves, or nobody"),
    choice("uniform-answers", "on|off", {"off", "off", "on"}, service_switch<&service::settings::uniform_answers>,
           "replies do not tell who is registered"),
    one(option_kind::text, "username-prefix", "two letters, digits or _", "u_",
        put_checked<is_username_prefix, false, &settings::service, &service::settings::username_prefix>,
        "begins the user names that are made here"),
    one(option_kind::text, "avatar-url", "plain text of at most 1024 bytes", "",
        put_checked<is_plain_text, true, &settings::service, &service::settings::avatar_url>,
        "URL of the picture of accounts that have none"),
};

constexpr option session_table[] = {
    positive("discuzq-access-ttl", "seconds", {60, max_session_seconds}, "2592000",
             session_limit<&core::session_limits::discuzq_access_seconds>,
             "life of an access token of dialect discuzq; revocable at any time"),
    positive("module-access-ttl", "seconds", {60, max_session_seconds}, "3600",
             session_limit<&core::session_limits::module_access_seconds>, "life of an access token of dialect module"),
    positive("v4-access-ttl", "seconds", {60, max_session_seconds}, "2592000",
             session_limit<&core::session_limits::v4_access_seconds>, "life of an access token of dialect v4"),
    positive("smssend-access-ttl", "seconds", {60, max_session_seconds}, "2592000",
             session_limit<&core::session_limits::smssend_access_seconds>,
             "life of an access token of dialect smssend"),
    positive("refresh-ttl", "seconds", {60, max_session_seconds}, "2592000",
             session_limit<&core::session_limits::refresh_seconds>, "life of a refresh token"),
    positive("refresh-grace", "seconds", {1, 60}, "20", session_limit<&core::session_limits::refresh_grace_seconds>,
             "a replay inside it gets the same successor, later it ends the session"),
};

constexpr option dialect_table[] = {
    one(option_kind::list, "discuzq-cors-origin", "origins such as https://m.example.com", "",
        add_checked<is_origin, &settings::service, &service::settings::discuzq_cors_origins>,
        "browsers there may call; repeatable; by default none"),
    choice("discuzq-unknown-number-code", "no_bind_user|not_found_user", "no_bind_user",
           put_text<&settings::service, &service::settings::discuzq_unknown_number_code>,
           "error code for a right code of an unknown number"),
    choice("discuzq-jwt-algorithm", "es256|rs256", "es256",
           put_choice<&settings::service, &service::settings::discuzq_rs256>, "rs256 costs 25 times the CPU per token"),
    choice("v4-register-code", "required|optional", "required",
           put_choice<&settings::service, &service::settings::v4_register_code_optional>,
           "optional only for a staged migration, logged at each start"),
    choice("v4-get", "on|off", {"on", "on", "off"}, service_switch<&service::settings::v4_get_with_secrets>,
           "GET with passwords and codes, as old v4 clients send them"),
    limit("smssend-code-ttl", "seconds", {30, max_code_ttl_seconds}, "180",
          code_limit<&core::code_limits::smssend_ttl_seconds>, "life of a code asked for here (timeless)",
          max_code_ttl_seconds),
    limit("smssend-resend-gap", "seconds", {10, 3600}, "120",
          code_limit<&core::code_limits::smssend_resend_gap_seconds>, "the resend gap here (nexttime)"),
    one(option_kind::text, "module-prefix", "a path such as /module/main, not under /api", "/module/main",
        put_checked<is_path_prefix, false, &settings::service, &service::settings::module_prefix>,
        "where the endpoints of dialect module live"),
    number("module-circle-id", "id", {0, 9'007'199'254'740'991}, "1",
           put_integer<&settings::service, &service::settings::default_circle, &core::social_circle::id>,
           "social circle of users who have none", "no circle"),
    one(option_kind::text, "module-circle-name", "plain text of at most 1024 bytes", "",
        put_checked<is_plain_text, true, &settings::service, &service::settings::default_circle,
                    &core::social_circle::name>,
        "name of that circle"),
    one(option_kind::text, "module-circle-logo", "plain text of at most 1024 bytes", "",
        put_checked<is_plain_text, true, &settings::service, &service::settings::default_circle,
                    &core::social_circle::logo>,
        "URL of the logo of that circle"),
    one(option_kind::text, "module-circle-describe", "plain text of at most 1024 bytes", "",
        put_checked<is_plain_text, true, &settings::service, &service::settings::default_circle,
                    &core::social_circle::description>,
        "description of that circle"),
};

}  // namespace

std::span<const option> code_rows() noexcept {
  return code_table;
}
std::span<const option> password_rows() noexcept {
  return password_table;
}
std::span<const option> account_rows() noexcept {
  return account_table;
}
std::span<const option> session_rows() noexcept {
  return session_table;
}
std::span<const option> dialect_rows() noexcept {
  return dialect_table;
}

}  // namespace smsauth::app
