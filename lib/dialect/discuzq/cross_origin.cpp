#include "dialect/discuzq/cross_origin.hpp"

#include <algorithm>
#include <optional>

namespace smsauth::dialect::discuzq {

std::string origin_of(std::string_view url) {
  const auto scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos || scheme_end == 0) return {};
  const auto host_begin = scheme_end + 3;
  const auto host_end = url.find_first_of("/?#", host_begin);
  if (host_end == host_begin || host_begin == url.size()) return {};
  return std::string(url.substr(0, host_end));
}

cross_origin_policy::cross_origin_policy(const service::settings& config) {
  allowed_.push_back(origin_of(config.public_url));
  allowed_.insert(allowed_.end(), config.discuzq_cors_origins.begin(), config.discuzq_cors_origins.end());
}

std::string_view cross_origin_policy::granted(const http::request& request) const noexcept {
  const std::optional<std::string_view> origin = request.header("Origin");
  if (!origin || origin->empty()) return allowed_.front();
  if (request.header_count("Origin") > 1) return {};
  const auto found = std::find(allowed_.begin(), allowed_.end(), *origin);
  return found == allowed_.end() ? std::string_view() : std::string_view(*found);
}

void cross_origin_policy::apply(const http::request& request, http::response& reply) const {
  reply.headers.emplace_back("Vary", "Origin");
  const std::string_view origin = granted(request);
  if (origin.empty()) return;
  reply.headers.emplace_back("Access-Control-Allow-Origin", origin);
  reply.headers.emplace_back("Access-Control-Allow-Credentials", "true");
  reply.headers.emplace_back(
      "Access-Control-Allow-Headers",
      "Origin, Content-Type, Cookie, X-CSRF-TOKEN, Accept, Authorization, X-XSRF-TOKEN, X-HTTP-Method-Override");
  reply.headers.emplace_back("Access-Control-Expose-Headers", "Authorization, authenticated");
  reply.headers.emplace_back("Access-Control-Allow-Methods", "GET, POST, PATCH, PUT, OPTIONS, DELETE");
}

}  // namespace smsauth::dialect::discuzq
