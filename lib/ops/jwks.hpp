// /.well-known/jwks.json of the API listener: the public keys of our tokens, for back ends that check them themselves.
#pragma once

#include "http/response.hpp"
#include "http/router.hpp"
#include "service/session_service.hpp"

#include <string>

namespace smsauth::ops {

/// GET /.well-known/jwks.json: a JWK set (RFC 7517 section 5). Who relies on it learns of a revoked session only when
/// the token expires; a signature proves who issued a token, not that its session lives. `sessions` outlives `routes`.
void add_jwks_route(http::router& routes, const service::session_service& sessions);

/// The reply that carries `keys`, the text of a JWK set. Caches may keep it for 300 s: a new key signs nothing before
/// all caches could know it, and an old one stays listed until its last token expired (TOK-11).
http::response jwks_reply(std::string keys);

}  // namespace smsauth::ops
