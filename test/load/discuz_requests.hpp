// The two requests of a flow: a code for a number, and the login with it that makes the account.
#pragma once

#include <array>
#include <cstdint>
#include <cstdio>
#include <string_view>

namespace smsauth::load {

/// The views these return are good until the next call.
class send_request {
 public:
  std::string_view to(std::uint64_t phone) {
    const int count = std::snprintf(text_.data(), text_.size(),
                                    "POST /api/sms/send HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
                                    "Content-Length: 63\r\n\r\n"
                                    R"({"data":{"attributes":{"mobile":"%011llu","type":"login"}}})",
                                    static_cast<unsigned long long>(phone));
    return {text_.data(), static_cast<std::size_t>(count)};
  }

 private:
  std::array<char, 256> text_{};
};

class login_request {
 public:
  /// `code` is the six digits of the spool.
  std::string_view with(std::uint64_t phone, std::string_view code) {
    const int count =
        std::snprintf(text_.data(), text_.size(),
                      "POST /api/sms/verify HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
                      "Content-Length: 92\r\n\r\n"
                      R"({"data":{"attributes":{"mobile":"%011llu","code":"%.6s","type":"login","register":1}}})",
                      static_cast<unsigned long long>(phone), code.data());
    return {text_.data(), static_cast<std::size_t>(count)};
  }

 private:
  std::array<char, 320> text_{};
};

}  // namespace smsauth::load
