// UTF-8 to code points, for those who count or recode the characters of a message.
#pragma once

#include <string>
#include <string_view>

namespace smsauth::sms {

/// U+FFFD stands for every byte that is not part of a well-formed sequence (RFC 3629): nothing is lost in silence, and
/// nothing that was ill-formed becomes another character.
std::u32string code_points(std::string_view utf8);

}  // namespace smsauth::sms
