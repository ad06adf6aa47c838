#include "http/router.hpp"

#include "http/form.hpp"
#include "http/syntax.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace smsauth::http {

struct router::entry {
  route served;
  const route_group* group = nullptr;
  std::string before;  ///< of a pattern with a parameter: the text before "{" and behind "}"
  std::string after;
};

namespace {

bool lists(const route& entry, method verb) {
  return std::find(entry.methods.begin(), entry.methods.end(), verb) != entry.methods.end();
}

bool serves(const route& entry, method verb) {
  return lists(entry, verb) || (verb == method::head && entry.safe && lists(entry, method::get));
}

/// HTTP-12. A parameter is one segment also after decoding, and text that may stand in a log and a reply.
bool is_one_segment(std::string_view decoded) noexcept {
  if (decoded.empty() || decoded == "." || decoded == ".." || !is_utf8(decoded)) return false;
  return std::none_of(decoded.begin(), decoded.end(), [](char c) { return c == '/' || c == '\\' || is_control(c); });
}

}  // namespace

router::router() = default;
router::~router() = default;

const route_group& router::add_group(route_group group) {
  return *groups_.emplace_back(std::make_unique<route_group>(std::move(group)));
}

void router::add(const route_group& group, route added) {
  auto owned = std::make_unique<entry>();
  owned->served = std::move(added);
  owned->group = &group;
  const std::string_view pattern = owned->served.pattern;
  if (!pattern.starts_with('/')) throw std::invalid_argument("a route's pattern starts with a slash");
  const auto open = pattern.find('{');
  if (open == std::string_view::npos) {
    if (!exact_.emplace(pattern, owned.get()).second) throw std::invalid_argument("two routes of one pattern");
  } else {
    const auto close = pattern.find('}', open);
    const bool whole_segment = close != std::string_view::npos && pattern[open - 1] == '/' &&
                               (close + 1 == pattern.size() || pattern[close + 1] == '/');
    if (!whole_segment) throw std::invalid_argument("a route's parameter is a whole segment");
    owned->before = pattern.substr(0, open);
    owned->after = pattern.substr(close + 1);
    if (owned->after.find('{') != std::string::npos) throw std::invalid_argument("a route has one parameter");
    const bool known = std::any_of(with_parameter_.begin(), with_parameter_.end(), [&owned](const entry* other) {
      return other->before == owned->before && other->after == owned->after;
    });
    if (known) throw std::invalid_argument("two routes of one pattern");
    with_parameter_.push_back(owned.get());
  }
  entries_.push_back(std::move(owned));
}

const route_group* router::group_of(std::string_view path) const noexcept {
  const route_group* found = nullptr;
  std::size_t longest = 0;
  for (const auto& group : groups_) {
    for (const std::string& prefix : group->prefixes) {
      if (!path.starts_with(prefix) || (found != nullptr && prefix.size() <= longest)) continue;
      found = group.get();
      longest = prefix.size();
    }
  }
  return found;
}

const router::entry* router::find_with_parameter(std::string_view path, std::string_view& parameter) const noexcept {
  for (const entry* candidate : with_parameter_) {
    if (path.size() <= candidate->before.size() + candidate->after.size()) continue;
    if (!path.starts_with(candidate->before) || !path.ends_with(candidate->after)) continue;
    const std::string_view segment =
        path.substr(candidate->before.size(), path.size() - candidate->before.size() - candidate->after.size());
    if (segment.find('/') != std::string_view::npos) continue;
    parameter = segment;
    return candidate;
  }
  return nullptr;
}

match router::find(request& target) const {
  match result;
  target.path_parameter.clear();
  const entry* found = nullptr;
  std::string_view parameter;
  if (const auto exact = exact_.find(target.path); exact != exact_.end()) {
    found = exact->second;
  } else {
    found = find_with_parameter(target.path, parameter);
  }
  if (found == nullptr) {
    result.group = group_of(target.path);
    return result;
  }
  result.target = &found->served;
  result.group = found->group;
  if (!parameter.empty()) {
    auto decoded = percent_decoded(parameter);
    if (!decoded || !is_one_segment(*decoded)) {
      result.what = match::kind::bad_path;
      return result;
    }
    target.path_parameter = std::move(*decoded);
  }
  result.what = serves(found->served, target.verb) ? match::kind::found : match::kind::wrong_method;
  return result;
}

std::string router::allowed(const route& entry) {
  std::string list;
  const auto add = [&list](std::string_view name) {
    if (!list.empty()) list += ", ";
    list += name;
  };
  for (const method verb : entry.methods) {
    add(to_string(verb));
    if (verb == method::get && entry.safe) add(to_string(method::head));
  }
  add(to_string(method::options));
  return list;
}

}  // namespace smsauth::http
