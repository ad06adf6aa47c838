// A request as data. Views point into the connection's buffer and live until the handler's reply is written.
#pragma once

#include "core/error.hpp"
#include "http/client_address.hpp"
#include "telemetry/event.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace smsauth::http {

enum class method : std::uint8_t { get, head, post, put, patch, delete_, options, trace, connect, other };
std::string_view to_string(method value) noexcept;

struct header_field {
  std::string_view name;   ///< as sent
  std::string_view value;  ///< without surrounding blanks
};

struct request {
  method verb = method::get;
  std::string_view method_name;  ///< as sent
  std::string_view path;         ///< origin form, before "?", still percent-encoded
  std::string_view query;        ///< after "?", still percent-encoded
  std::span<const header_field> headers;
  std::string_view body;              ///< de-chunked
  std::string path_parameter;         ///< the {…} of the matched pattern, percent-decoded once (HTTP-12)
  client_address client;              ///< limits key by this (HTTP-11)
  telemetry::event* event = nullptr;  ///< never null in a handler; holds the request id

  /// Value of the first field of that name (case-insensitive), or nothing.
  std::optional<std::string_view> header(std::string_view name) const noexcept;
  /// Number of fields of that name.
  std::size_t header_count(std::string_view name) const noexcept;
};

}  // namespace smsauth::http
