// From a section of the config file to the gateway that it describes.
#pragma once

#include "sms/gateway.hpp"
#include "sms/section.hpp"

#include <boost/asio/io_context.hpp>

#include <memory>
#include <string>

namespace smsauth::sms {

/// `type` of the section chooses: spool (path), log, aliyun, tencent, yunpian, huawei, twilio, vonage, webhook, smpp;
/// README, "Gateways", has the keys of each. `where` is run by the one thread that calls the gateway, `receipts` takes
/// what a gateway with a connection of its own is told. Keys that the caller reads itself come before section::done().
///
/// Opens no connection. Throws section_error, and std::system_error when a spool file cannot be opened.
std::unique_ptr<gateway> make_gateway(section& keys, boost::asio::io_context& where, receipt_sink receipts);

/// Those that --sms names directly, without a section.
std::unique_ptr<gateway> make_spool_gateway(const std::string& path);
std::unique_ptr<gateway> make_log_gateway();

}  // namespace smsauth::sms
