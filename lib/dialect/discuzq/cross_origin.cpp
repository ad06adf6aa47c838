#include "dialect/discuzq/cross_origin.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace smsauth::dialect::discuzq {

std::string origin_of(std::string_view url) {
  const auto scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos || scheme_end == 0) return {};
  const auto host_begin = scheme_end + 3;
  const auto host_end = url.find_first_of("/?#", host_begin);
  if (host_end == host_begin || host_begin == url.size()) return {};
  return std::string(url.substr(0, host_end));
}

cross_origin_policy::origin::origin(std::string n) : name(std::move(n)) {
  fields.add("Vary", "Origin");
  if (name.empty()) return;
  fields.add("Access-Control-Allow-Origin", name);
  fields.add("Access-Control-Allow-Credentials", "true");
  fields.add("Access-Control-Allow-Headers",
             "Origin, Content-Type, Cookie, X-CSRF-TOKEN, Accept, Authorization, X-XSRF-TOKEN, X-HTTP-Method-Override");
  fields.add("Access-Control-Expose-Headers", "Authorization, authenticated");
  fields.add("Access-Control-Allow-Methods", "GET, POST, PATCH, PUT, OPTIONS, DELETE");
}

cross_origin_policy::cross_origin_policy(const service::settings& config) {
  allowed_.emplace_back(origin_of(config.public_url));
  for (const std::string& name : config.discuzq_cors_origins)
    allowed_.emplace_back(name);
}

const cross_origin_policy::origin& cross_origin_policy::reader_of(const http::request& request) const noexcept {
  const std::optional<std::string_view> asking = request.header("Origin");
  if (!asking || asking->empty()) return allowed_.front();
  if (request.header_count("Origin") > 1) return nobody_;
  const auto found =
      std::find_if(allowed_.begin(), allowed_.end(), [&asking](const origin& each) { return each.name == *asking; });
  return found == allowed_.end() ? nobody_ : *found;
}

std::string_view cross_origin_policy::granted(const http::request& request) const noexcept {
  return reader_of(request).name;
}

void cross_origin_policy::apply(const http::request& request, http::response& reply) const {
  reply.fixed_fields = reader_of(request).fields.text();
}

}  // namespace smsauth::dialect::discuzq
