// What a status code is called.
#pragma once

#include "core/error.hpp"

#include <string_view>

namespace smsauth::http {

/// The reason phrase of RFC 9110 section 15, or "Status" for one that we do not know: clients ignore it.
std::string_view reason_phrase(int status) noexcept;

/// The name for logs and for replies outside any route group: "not_found". "error" for a status the edge does not
/// answer.
std::string_view error_name(int status) noexcept;

/// The product's word for a failure outside a handler.
core::failure failure_of(int status) noexcept;

}  // namespace smsauth::http
