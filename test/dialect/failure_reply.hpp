// What holds for every failure reply of the flat dialects, checked over every errc.
#pragma once

#include "core/error.hpp"
#include "dialect/flat_request.hpp"
#include "http/response.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <doctest/doctest.h>

#include <cstdint>
#include <string>

namespace smsauth::test {

inline boost::json::value json_of(const http::response& reply) {
  return boost::json::parse(reply.body);
}

/// `check` gets each errc with its reply; the rest of the contract is checked here.
template <class Refuse, class Check>
void check_every_failure(Refuse refuse, Check check) {
  for (std::uint8_t i = 0; i < static_cast<std::uint8_t>(core::errc::count_); ++i) {
    const auto code = static_cast<core::errc>(i);
    const std::string name(core::to_string(code));
    CAPTURE(name);
    flat_request request(json_type, "{}");
    const http::response reply = refuse(request.get(), core::failure(code, 17));
    CHECK(request.event().outcome == name);
    CHECK(reply.retry_after_seconds == 17);
    CHECK(reply.content_type == http::json_content_type);
    CHECK(json_of(reply).at("msg").as_string().size() > 0);
    CHECK(reply.body.find(name) == std::string::npos);  // names of our own are for the log
    check(code, reply);
    const http::response patient = refuse(request.get(), core::failure(code));
    CHECK(patient.retry_after_seconds == (reply.status == 503 ? 1 : 0));
  }
}

}  // namespace smsauth::test
