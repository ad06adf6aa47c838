// CORS (WHATWG Fetch, section 3.2) with an allow-list. The original echoes every origin and allows credentials with it.
#pragma once

#include "http/request.hpp"
#include "http/response.hpp"
#include "http/response_writer.hpp"
#include "service/settings.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace smsauth::dialect::discuzq {

/// "https://api.example.com" of "https://api.example.com/app"; empty when `url` has no scheme and host.
std::string origin_of(std::string_view url);

class cross_origin_policy {
 public:
  /// Allowed: the origin of config.public_url, and config.discuzq_cors_origins.
  explicit cross_origin_policy(const service::settings& config);

  /// The origin that may read the reply to `request`: its own if allowed, ours if it names none; empty = nobody.
  std::string_view granted(const http::request& request) const noexcept;

  /// Adds the fields to a reply, which the policy outlives.
  void apply(const http::request& request, http::response& reply) const;

 private:
  struct origin {
    explicit origin(std::string name);

    std::string name;
    http::field_lines fields;  ///< of replies that it may read
  };

  const origin& reader_of(const http::request& request) const noexcept;

  std::vector<origin> allowed_;  ///< the first is our own, perhaps without a name
  origin nobody_ = origin({});
};

}  // namespace smsauth::dialect::discuzq
