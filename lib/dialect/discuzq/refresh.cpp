// POST /api/refresh-token
#include "dialect/discuzq/endpoint.hpp"
#include "dialect/discuzq/errors.hpp"
#include "dialect/discuzq/resources.hpp"

namespace smsauth::dialect::discuzq {

http::awaitable<http::response> serve_refresh(const site& here, call& now) {
  // grant_type, client_id, client_secret and scope may come along; the original does not look at them either.
  attribute_reader reader(now.content.attributes);
  const std::string_view refresh_token = reader.text("refresh_token");
  if (!reader.sound()) co_return refuse(now.request, core::errc::malformed_request);
  const auto renewed = co_await here.services.sessions().refresh(now.who, refresh_token);
  if (!renewed) co_return refuse(now.request, renewed.error());
  co_return token_response(renewed->uid, renewed->tokens);
}

}  // namespace smsauth::dialect::discuzq
