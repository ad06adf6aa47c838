#include "http/conversation.hpp"

#include "http/http_status.hpp"
#include "http/syntax.hpp"
#include "telemetry/log.hpp"
#include "telemetry/metrics.hpp"

#include <boost/core/demangle.hpp>

#include <algorithm>
#include <ctime>
#include <cxxabi.h>
#include <exception>
#include <utility>

namespace smsauth::http {

namespace {

constexpr int busy_status = 503;
constexpr std::size_t max_request_id_length = 64;
constexpr std::size_t max_output_bytes = std::size_t{64} * 1024;   ///< replies of a pipeline that wait for one send
constexpr std::size_t kept_output_bytes = std::size_t{16} * 1024;  ///< what one reply of ours needs at most

/// A proxy's id goes into our log and our replies.
bool is_request_id(std::string_view text) noexcept {
  return !text.empty() && text.size() <= max_request_id_length && std::all_of(text.begin(), text.end(), [](char c) {
    return is_digit(c) || is_alpha(c) || c == '.' || c == '_' || c == '-';
  });
}

response generic_error(int status) {
  std::string body = R"({"error":")";
  body += error_name(status);
  body += R"("})";
  response reply(status, std::move(body));
  reply.retry_after_seconds = failure_of(status).retry_after_seconds;
  return reply;
}

/// For a catch block.
std::string current_exception_type() {
  const std::type_info* type = abi::__cxa_current_exception_type();
  return type == nullptr ? std::string("unknown") : boost::core::demangle(type->name());
}

}  // namespace

void conversation::attach(const peer& who) {
  reader_.reset();
  peer_ = &who;
  reader_.request().client = who.client;
  reader_.request().event = &event_;
  output_.clear();
  if (output_.capacity() > kept_output_bytes) output_.shrink_to_fit();
  sent_ = replies_waiting_ = 0;
  closing_ = linger_ = reading_body_ = continue_sent_ = false;
}

conversation::step conversation::advance() {
  const core::http_limits& limits = edge_.settings.limits;
  for (;;) {
    if (closing_) return step::close;
    if (replies_waiting_ >= limits.pipelined_requests || output_.size() >= max_output_bytes) return step::send;
    const request_reader::state state = reader_.advance();
    reading_body_ = state == request_reader::state::body;
    switch (state) {
      case request_reader::state::header:
        return step::read;
      case request_reader::state::body:
        if (reader_.expects_continue() && !std::exchange(continue_sent_, true)) {
          output_ += "HTTP/1.1 100 Continue\r\n\r\n";
        }
        return step::read;
      case request_reader::state::refused:
        begin_event();
        find_route();
        answer_error(reader_.why().status, reader_.why().outcome, afterwards::close);
        break;
      case request_reader::state::ready:
        if (dispatch()) return step::serve;
        break;
    }
  }
}

/// True when a handler has to run; otherwise the request is answered.
bool conversation::dispatch() {
  begin_event();
  find_route();
  if (match_.what == match::kind::found) {
    if (!match_.target->admits || match_.target->admits()) return true;
    answer_busy();
    return false;
  }
  if (match_.what == match::kind::bad_path) {
    answer_error(400, "bad_path", afterwards::go_on);
  } else if (request().verb == method::options) {
    answer_options();
  } else if (request().verb == method::other) {
    answer_error(501, "not_implemented", afterwards::go_on);
  } else if (match_.what == match::kind::wrong_method) {
    answer_error(405, "method_not_allowed", afterwards::go_on);
  } else {
    answer_error(404, "not_found", afterwards::go_on);
  }
  return false;
}

void conversation::find_route() {
  match_ = edge_.routes.find(request());
  if (match_.group != nullptr) event_.dialect = match_.group->name;
  if (match_.target == nullptr) return;
  event_.route = match_.target->pattern;
  event_.quiet = match_.target->quiet;
}

void conversation::begin_event() {
  started_ = edge::clock::now();
  continue_sent_ = false;
  set_client();
  event_.dialect = event_.route = "-";
  event_.method = request().method_name.empty() ? std::string_view("-") : to_string(request().verb);
  event_.purpose = {};
  event_.outcome = "ok";
  event_.masked_phone.clear();
  event_.phone_hash.clear();
  event_.client = request().client.text();
  event_.quiet = false;
  set_request_id();
}

void conversation::set_request_id() {
  if (peer_->trusted && request().header_count("X-Request-Id") == 1) {
    const std::string_view given = *request().header("X-Request-Id");
    if (is_request_id(given)) {
      event_.request_id = given;
      return;
    }
  }
  edge_.ids.next(event_.request_id);
}

void conversation::set_client() {
  if (!peer_->trusted) return;  // attach() set it
  forwarded_.clear();
  for (const header_field& field : request().headers)
    if (equal_ignoring_case(field.name, "X-Forwarded-For")) forwarded_.push_back(field.value);
  if (forwarded_.empty()) {
    request().client = peer_->client;
    return;
  }
  request().client = client_address(resolve_client(peer_->address, forwarded_, edge_.settings.proxies));
}

void conversation::answer_options() {
  try {
    if (match_.group != nullptr && match_.group->on_options) {
      finish(match_.group->on_options(request()));
    } else if (match_.target != nullptr) {
      response reply(204, {});
      reply.headers.emplace_back("Allow", router::allowed(*match_.target));
      finish(std::move(reply));
    } else if (request().path == "*") {
      finish(response(204, {}));
    } else {
      answer_error(404, "not_found", afterwards::go_on);
    }
  } catch (...) {
    fail();
  }
}

/// As answer_error(), but fast: under overload most replies are of this kind.
void conversation::answer_busy() {
  event_.outcome = error_name(busy_status);
  try {
    finish(has_shape() ? match_.group->on_error(busy_status, failure_of(busy_status), request())
                       : generic_error(busy_status));
  } catch (...) {
    fail();
  }
}

void conversation::finish(response reply) {
  apply_filter(reply);
  write(reply, reply.close);
  log_reply(reply.status);
  reader_.finish();
}

void conversation::fail() {
  const std::string type = current_exception_type();
  telemetry::log(telemetry::log_level::error, "handler_threw",
                 {{"request_id", std::string_view(event_.request_id)},
                  {"route", event_.route},
                  {"exception", std::string_view(type)}});
  answer_error(500, "internal", afterwards::close);
}

void conversation::give_up_handler() {
  event_.outcome = "handler_timeout";
  const response reply = error_response(503);
  linger_ = true;
  write(reply, true);
  log_reply(reply.status);
}

void conversation::give_up_reading() {
  begin_event();
  find_route();
  answer_error(408, "request_timeout", afterwards::close);
}

/// Answers a request without its handler. Only a request that was understood to its end may be followed by another.
void conversation::answer_error(int status, std::string_view outcome, afterwards next) {
  event_.outcome = outcome;
  const response reply = error_response(status);
  const bool close = next == afterwards::close;
  if (close) linger_ = true;
  write(reply, close || reply.close);
  log_reply(reply.status);
  if (!close) reader_.finish();
}

/// In the shape of the path's group, if it has one. Does not throw what the group's functions throw.
response conversation::error_response(int status) {
  const auto add_allow = [this, status](response& reply) {
    if (status == 405 && match_.target != nullptr) reply.headers.emplace_back("Allow", router::allowed(*match_.target));
  };
  if (has_shape()) {
    try {
      response reply = match_.group->on_error(status, failure_of(status), request());
      add_allow(reply);
      apply_filter(reply);
      std::string tried;
      write_response(tried, reply,
                     reply_frame());  // rare, so it may cost: refuses a broken field here, not on the wire
      return reply;
    } catch (...) {
      const std::string type = current_exception_type();
      telemetry::log(telemetry::log_level::error, "error_writer_threw",
                     {{"request_id", std::string_view(event_.request_id)}, {"exception", std::string_view(type)}});
    }
  }
  response reply = generic_error(status);
  add_allow(reply);
  return reply;
}

void conversation::apply_filter(response& reply) const {
  if (match_.group != nullptr && match_.group->filter) match_.group->filter(reader_.request(), reply);
}

void conversation::write(const response& reply, bool close) {
  // While draining, requests that were read before are still answered; the last of them ends the connection.
  const bool last = close || !reader_.keep_alive() || (edge_.draining && !reader_.has_more());
  reply_frame frame;
  frame.common = edge_.fields.at(std::time(nullptr));
  frame.request_id = event_.request_id;
  frame.head = request().verb == method::head;
  if (last) {
    frame.connection = connection_option::close;
  } else if (!reader_.http_1_1()) {
    frame.connection = connection_option::keep_alive;
  }
  write_response(output_, reply, frame);
  ++replies_waiting_;
  if (last) {
    closing_ = true;
    linger_ = linger_ || edge_.draining || reader_.has_more();
  }
}

void conversation::log_reply(int status) {
  event_.status = status;
  const auto taken = std::chrono::duration_cast<std::chrono::microseconds>(edge::clock::now() - started_);
  event_.duration_us = taken.count();
  telemetry::count_request(event_);
  telemetry::log(event_);
}

void conversation::sent(std::size_t count) noexcept {
  sent_ += count;
  if (sent_ < output_.size()) return;
  output_.clear();
  sent_ = replies_waiting_ = 0;
}

}  // namespace smsauth::http
