// Every limit of the product as a named number with its unit. app/options fills them; spec: product contract section 3.
#pragma once

#include <cstddef>
#include <cstdint>

namespace smsauth::core {

/// Codes and sending. 0 = no limit, which only the dev profile accepts.
struct code_limits {
  std::int64_t ttl_seconds = 300;                 ///< life of a code, at most 600 (OTP-02)
  std::int64_t smssend_ttl_seconds = 180;         ///< the same for codes asked for through smssend ("timeless")
  std::int64_t resend_gap_seconds = 60;           ///< per phone and purpose
  std::int64_t smssend_resend_gap_seconds = 120;  ///< "nexttime"
  std::int64_t wrong_tries_per_code = 5;
  std::int64_t wrong_tries_per_day = 10;  ///< per phone over all codes, purposes, dialects and addresses (OTP-05/06)
  std::int64_t phone_sends_per_hour = 5;  ///< over all purposes and dialects (SEND-02)
  std::int64_t phone_sends_per_day = 10;
  std::int64_t address_sends_per_hour = 30;  ///< per IPv4 address or IPv6 /64
  std::int64_t address_sends_per_day = 200;
  std::int64_t address_lookups_per_hour = 60;  ///< "is this number registered" questions per address
  std::int64_t grant_seconds = 300;            ///< password-reset grant after verify_code, single use
  std::int64_t rebind_proof_seconds = 600;     ///< proof of the old phone before rebind, single use
  std::int64_t bind_token_seconds = 3600;      ///< the token of no_bind_user, single use
};

struct password_limits {
  std::size_t min_length = 6;  ///< code points, not bytes (PWD-01)
  std::size_t max_length = 50;
  std::size_t v4_min_length = 6;
  std::size_t v4_max_length = 14;
  bool blocklist = false;          ///< strict profile
  std::int64_t free_failures = 4;  ///< failures before the first delay: "delay from the 5th"
  std::int64_t first_delay_seconds = 30;
  std::int64_t max_delay_seconds = 900;
  std::int64_t pay_password_tries = 5;  ///< wrong tries until it is disabled
};

struct session_limits {
  std::int64_t discuzq_access_seconds = 2'592'000;
  std::int64_t module_access_seconds = 3'600;
  std::int64_t v4_access_seconds = 2'592'000;
  std::int64_t smssend_access_seconds = 2'592'000;
  std::int64_t refresh_seconds = 2'592'000;
  std::int64_t refresh_grace_seconds = 20;  ///< a replay inside it gets the same successor, later it ends the family
};

/// The HTTP edge (HTTP-05): over them 431, 413, 414, 400.
struct http_limits {
  std::size_t header_bytes = 8 * 1024;
  std::size_t body_bytes = 16 * 1024;
  /// Pushes of providers bring a hundred receipts and more in one body (Yunpian: 100, percent-encoded).
  std::size_t receipts_body_bytes = 64 * 1024;
  std::size_t target_bytes = 2 * 1024;
  std::size_t json_depth = 8;
  std::size_t fields = 64;
  std::int64_t header_timeout_ms = 10'000;
  std::int64_t body_timeout_ms = 10'000;
  std::int64_t handler_timeout_ms = 5'000;
  std::int64_t write_timeout_ms = 10'000;
  std::int64_t idle_timeout_ms = 75'000;
  std::size_t connections = 16'384;         ///< per process; over it the acceptor waits
  std::size_t connections_per_address = 0;  ///< 0 = unlimited: behind nginx every peer is the proxy
  std::size_t pipelined_requests = 32;      ///< answered together from one read at most
};

}  // namespace smsauth::core
