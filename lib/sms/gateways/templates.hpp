// Ids of texts that a provider approved beforehand, by purpose and language, and the values that go into them.
#pragma once

#include "sms/gateway.hpp"
#include "sms/section.hpp"

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace smsauth::sms {

class template_ids {
 public:
  template_ids() = default;
  /// template, template.PURPOSE, template.LANGUAGE, template.PURPOSE.LANGUAGE: one for every purpose and language.
  /// Throws section_error when some message would have none.
  explicit template_ids(section& keys);

  const std::string& of(const message& what) const noexcept;

 private:
  std::array<std::array<std::string, 2>, core::all_purposes.size()> ids_;
};

/// `parameters`: the variables of a template in its order, of code and minutes. Throws section_error.
std::vector<std::string> read_parameters(section& keys);
/// Their values. `minutes` is what is left of the code's life, at least 1.
std::vector<std::string> fill_parameters(const std::vector<std::string>& names, const message& what,
                                         core::epoch_ms now);

}  // namespace smsauth::sms
