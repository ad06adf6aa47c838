// What goes through a bound link: submits and their answers, and what the SMSC asks of us.
#include "sms/smpp/link.hpp"
#include "sms/smpp/submit.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <utility>

namespace smsauth::sms::smpp {

namespace asio = boost::asio;
using std::chrono::milliseconds;

namespace {

constexpr auto with_error = asio::as_tuple(asio::use_awaitable_t<asio::io_context::executor_type>{});

submit_end unknown_end(std::string code) {
  submit_end end;
  end.what = submit_end::kind::unknown;
  end.code = std::move(code);
  return end;
}

}  // namespace

/// A submit_sm that waits for its answer, and its place in the window. Lives in the frame of submit().
struct link::pending {
  pending(link& of, clock::time_point until)
      : owner(of), on(of.wire_), sequence(of.next_sequence()), timer(of.where_, until) {
    owner.pending_.emplace(sequence, this);
  }
  ~pending() {
    owner.pending_.erase(sequence);
    owner.give_place();
  }
  pending(const pending&) = delete;
  pending& operator=(const pending&) = delete;

  link& owner;
  const std::shared_ptr<wire> on;
  const std::uint32_t sequence;
  timer_type timer;
  bool lost = false;              ///< with the link
  bool unsent = false;            ///< lost before an octet of it was written
  std::optional<submit_end> end;  ///< answered
};

awaitable<submit_end> link::submit(std::shared_ptr<link> self, const short_message& what, clock::time_point place_by,
                                   clock::time_point answer_by) {
  link& l = *self;
  for (;;) {
    if (l.hopeless(place_by)) co_return l.not_sent();
    const bool placed = co_await l.window_.take(place_by);
    if (!placed) co_return l.not_sent();
    if (l.bound_ && !l.stopping_) break;
    l.give_place();  // the link was lost between the place and us
  }
  pending me(l, std::min(answer_by, clock::now() + milliseconds(l.settings_.response_timeout_ms)));
  l.wire_->send(encode(make_pdu(command::submit_sm, me.sequence, what)), me.sequence);
  co_await me.timer.async_wait(with_error);
  co_return l.end_of(me);
}

submit_end link::end_of(pending& me) {
  if (me.end) return std::move(*me.end);
  const bool unsent = me.lost ? me.unsent : me.on->withdraw(me.sequence);
  if (unsent) return not_sent();
  return unknown_end(me.lost ? "link_lost" : "no_response");
}

bool link::hopeless(clock::time_point place_by) const {
  if (stopping_ || !running_) return true;
  return !bound_ && (refused_ || next_attempt_ > place_by);
}

submit_end link::not_sent() const {
  submit_end end;
  end.what = submit_end::kind::not_sent;
  end.reason = bound_ || stopping_ ? rejection::retry_later : failure_reason_;
  end.code = failure_code_;
  if (bound_) end.code = "window";
  if (stopping_) end.code = "stopping";
  return end;
}

void link::give_place() {
  window_.give();
  if (draining_) stop_timer_.cancel();
}

void link::lose_pending() {
  for (const auto& [sequence, each] : pending_) {
    if (each->lost) continue;
    each->unsent = each->on->withdraw(sequence);
    each->lost = true;
    each->timer.cancel();
  }
}

/// What is queued goes out, then the connection is closed; the alarm does it when the peer takes nothing.
void link::end_session(std::string_view why) {
  ended_by_ = why;
  bound_ = false;
  window_.shut();
  lose_pending();
  alarm_in(settings_.response_timeout_ms);
  wire_->finish();
}

void link::take(const std::string& octets) {
  heard_at_ = clock::now();
  const auto read = decode(octets);
  if (read) return read->is_response() ? take_response(*read, true) : take_request(*read);
  const auto header = read_header(octets);
  if (!header) return;
  pdu bare;
  bare.id = header->id;
  bare.status = header->status;
  bare.sequence = header->sequence;
  if (bare.is_response()) return take_response(bare, false);
  refuse_request(*header);
}

void link::take_response(const pdu& response, bool readable) {
  const bool nack = response.is(command::generic_nack);
  if (response.is(command::unbind_resp)) {
    if (stopping_) wire_->close();
    return;
  }
  const bool binding = response.sequence == bind_sequence_ && !bound_;
  if (binding && (nack || response.is(command::bind_transceiver_resp))) {
    bind_status_ = nack && response.status == status::ok ? status::unknown_error : response.status;
    return;
  }
  if (!nack && !response.is(command::submit_sm_resp)) return;
  const auto found = pending_.find(response.sequence);
  if (found == pending_.end()) return;  // it came too late
  pending& waiting = *found->second;
  if (waiting.end || waiting.lost) return;
  submit_end end;
  end.what = submit_end::kind::answered;
  end.status = nack && response.status == status::ok ? status::unknown_error : response.status;
  if (const auto* const body = std::get_if<message_reply>(&response.body))
    end.message_id = submitted_id(body->message_id, settings_.id_form);
  if (end.status == status::ok && !readable) end = unknown_end("malformed");
  const std::uint32_t said = end.status;
  waiting.end = std::move(end);
  waiting.timer.cancel();
  if (said == status::throttled || said == status::queue_full) slow_down();
  // It takes us for somebody who is not bound: a new bind is all that helps.
  if (said == status::invalid_bind_status) end_session("not_bound");
}

void link::slow_down() {
  window_.shut();
  throttle_timer_.expires_after(milliseconds(throttle_pause_ms));
  throttle_timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    const auto self = weak.lock();
    if (self && !error && self->bound_) self->window_.open();
  });
}

void link::answer(const pdu& request, command id, pdu_body body) {
  wire_->send(encode(make_pdu(id, request.sequence, std::move(body))), request.sequence);
}

void link::take_request(const pdu& request) {
  switch (static_cast<command>(request.id)) {
    case command::enquire_link:
      return answer(request, command::enquire_link_resp);
    case command::deliver_sm:
      // First the answer: an SMSC repeats what is not answered soon, and holds back what follows.
      answer(request, command::deliver_sm_resp, message_reply());
      return tell_receipt(std::get<short_message>(request.body));
    case command::unbind:
      // The number of outstanding answers is theirs to know: what is not answered by now will not be.
      answer(request, command::unbind_resp);
      return end_session("unbind");
    case command::alert_notification:
      return;
    default:
      wire_->send(encode(make_pdu(command::generic_nack, request.sequence, {}, status::invalid_command)),
                  request.sequence);
  }
}

void link::tell_receipt(const short_message& what) {
  auto told = read_receipt(what, settings_.id_form);
  if (!told || !receipts_) return;
  std::vector<receipt> all;
  all.push_back(std::move(*told));
  receipts_(settings_.name, std::move(all));
}

/// Its frame is whole, its body is not: the stream goes on.
void link::refuse_request(const pdu_header& request) {
  const bool deliver = request.id == static_cast<std::uint32_t>(command::deliver_sm);
  const command id = deliver ? command::deliver_sm_resp : command::generic_nack;
  pdu_body body;
  if (deliver) body = message_reply();
  wire_->send(encode(make_pdu(id, request.sequence, std::move(body), status::invalid_command_length)),
              request.sequence);
}

}  // namespace smsauth::sms::smpp
