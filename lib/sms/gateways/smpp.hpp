// Gateway `smpp`: an operator's or aggregator's SMSC over one SMPP 3.4 transceiver bind.
//
//   host               required; a name or an address
//   port               default 2775, with tls 3550
//   tls                on | off (default). Plain TCP hands codes and the password to whoever is on the way: use it
//                      inside a VPN only
//   ca-file            PEM; default the system's store
//   system-id          required, at most 15 characters
//   password           required secret, at most 8 characters (also password-file, password-env)
//   system-type        at most 12 characters; default empty
//   source             required: who sends. Up to 11 characters with a letter, or a number
//   source-ton         0..6 and
//   source-npi         0..18; default by the form of source: letters 5/0, "+" or more than 8 digits 1/1, else 3/0
//   window             1..1000 outstanding submit_sm, default 10
//   enquire-seconds    1..3600, default 30: silence after which the link is probed
//   connect-timeout-ms 100..60000, default 5000: name, TCP, TLS and bind; also how long a message waits for its turn
//   response-timeout-ms 100..60000, default 10000: of the SMSC, for everything it is asked
//   receipt-id         opaque (default) | hex | decimal: how receipts write the id of a message where submit_sm_resp
//                      writes it in the other of these two bases
#pragma once

#include "sms/gateway.hpp"
#include "sms/section.hpp"

#include <boost/asio/io_context.hpp>

#include <memory>

namespace smsauth::sms {

/// Everything happens on the thread that runs `where`, the calls of `receipts` too. No connection before start().
/// provider_code of an outcome: an SMSC's status as eight hexadecimal digits; "resolve", "connect", "tls",
/// "certificate", "timeout", "closed", "silent", "unbind", "malformed", "not_bound", "failed" (why there is no link),
/// "no_link", "window", "stopping", "link_lost", "no_response", "number", "expired", "too_long". With `unknown`,
/// provider_id is that of the first part if that was accepted. Throws section_error.
std::unique_ptr<gateway> make_smpp(section& keys, boost::asio::io_context& where, receipt_sink receipts);

}  // namespace smsauth::sms
