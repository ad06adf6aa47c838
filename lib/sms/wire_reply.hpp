// From a provider's code to the class of its refusal: what all providers share.
#pragma once

#include "sms/gateway.hpp"

#include <span>
#include <string_view>

namespace smsauth::sms {

struct code_class {
  std::string_view code;  ///< a "*" at its end stands for any rest
  rejection why;
};

/// The first row that fits, else permanent: a refusal that we do not know must not be repeated elsewhere.
rejection classify(std::span<const code_class> table, std::string_view code);

/// rejected with the class of `code`, which is made safe to log. A code that the table does not have is judged by the
/// HTTP status: 401 and 403 auth_config, 429 retry_later, 5xx unknown, since the provider itself may not know.
outcome refused(std::span<const code_class> table, std::string_view code, unsigned status = 200);

/// A reply that cannot be read: the provider may have sent. Only 429 says that it did not.
outcome unreadable(unsigned status);

/// As mainland providers write numbers: bare for +86, else country code and number without "+".
std::string bare_number(std::string_view e164);
/// The reverse: 11 bare digits from 13… to 19… are mainland numbers, anything else gets a "+". Empty stays empty.
std::string e164_of(std::string_view bare);

/// Receipts of one call, at most; the rest of a longer push is not read.
inline constexpr std::size_t max_receipts = 1'000;

}  // namespace smsauth::sms
