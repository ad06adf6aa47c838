// The one shape of failures on the operator's routes.
#pragma once

#include "core/error.hpp"
#include "http/request.hpp"
#include "http/response.hpp"

namespace smsauth::ops {

/// {"error":"not_found"} for 404, {"error":"method_not_allowed"} for 405, else the name of the errc. An
/// http::error_writer.
http::response error_reply(int status, const core::failure& error, const http::request& where);

}  // namespace smsauth::ops
