#include "sms/gateways/templates.hpp"

#include <algorithm>

namespace smsauth::sms {

template_ids::template_ids(section& keys) {
  for (const core::purpose why : core::all_purposes) {
    for (const std::string_view language : {"zh", "en"}) {
      std::string id = keys.per_purpose("template", why, language);
      if (id.empty())
        throw section_error("template", "expected an id for every purpose and language; " +
                                            std::string(core::to_string(why)) + " in " + std::string(language) +
                                            " has none");
      ids_[static_cast<std::size_t>(why)][language == "zh" ? 0 : 1] = std::move(id);
    }
  }
}

const std::string& template_ids::of(const message& what) const noexcept {
  return ids_[static_cast<std::size_t>(what.purpose)][what.language == "zh" ? 0 : 1];
}

std::vector<std::string> read_parameters(section& keys) {
  std::vector<std::string> names;
  std::string rest = keys.text("parameters", "code");
  bool has_code = false;
  for (;;) {
    const auto comma = rest.find(',');
    names.push_back(rest.substr(0, comma));
    has_code = has_code || names.back() == "code";
    if (names.back() != "code" && names.back() != "minutes")
      throw section_error("parameters", "expected code and minutes, separated by commas");
    if (comma == std::string::npos) break;
    rest.erase(0, comma + 1);
  }
  if (!has_code) throw section_error("parameters", "expected code among them");
  return names;
}

std::vector<std::string> fill_parameters(const std::vector<std::string>& names, const message& what,
                                         core::epoch_ms now) {
  constexpr std::int64_t ms_per_minute = 60'000;
  const std::int64_t minutes = std::max<std::int64_t>(1, (what.deadline - now) / ms_per_minute);
  std::vector<std::string> values;
  values.reserve(names.size());
  for (const std::string& name : names)
    values.push_back(name == "code" ? what.code : std::to_string(minutes));
  return values;
}

}  // namespace smsauth::sms
