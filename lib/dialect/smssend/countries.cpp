#include "core/phone_number.hpp"
#include "dialect/smssend/replies.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace smsauth::dialect::smssend {

namespace json = boost::json;

namespace {

struct country_text {
  std::string_view region;
  std::string_view name;
  std::string_view language;
};

/// Where this dialect's clients are at home. A country without an entry goes by its region code.
constexpr std::array texts{
    country_text{"AE", "阿联酋", "ar"},      country_text{"AU", "澳大利亚", "en-us"},
    country_text{"BN", "文莱", "ms"},        country_text{"CA", "加拿大", "en-us"},
    country_text{"CN", "中国", "zh-cn"},     country_text{"DE", "德国", "de"},
    country_text{"ES", "西班牙", "es"},      country_text{"FR", "法国", "fr"},
    country_text{"GB", "英国", "en-us"},     country_text{"HK", "中国香港", "zh-tw"},
    country_text{"ID", "印度尼西亚", "id"},  country_text{"IN", "印度", "en-us"},
    country_text{"IT", "意大利", "it"},      country_text{"JP", "日本", "ja"},
    country_text{"KH", "柬埔寨", "km"},      country_text{"KR", "韩国", "ko"},
    country_text{"LA", "老挝", "lo"},        country_text{"MM", "缅甸", "my"},
    country_text{"MO", "中国澳门", "zh-tw"}, country_text{"MY", "马来西亚", "ms"},
    country_text{"NZ", "新西兰", "en-us"},   country_text{"PH", "菲律宾", "en-us"},
    country_text{"RU", "俄罗斯", "ru"},      country_text{"SG", "新加坡", "en-us"},
    country_text{"TH", "泰国", "th"},        country_text{"TL", "东帝汶", "pt"},
    country_text{"TW", "中国台湾", "zh-tw"}, country_text{"US", "美国", "en-us"},
    country_text{"VN", "越南", "vi"},
};
constexpr std::string_view other_language = "en-us";

json::object country_data(const core::country_entry& country, std::int64_t order) {
  const auto* found = std::find_if(texts.begin(), texts.end(),
                                   [&country](const country_text& one) { return one.region == country.region; });
  const bool named = found != texts.end();
  json::object data;
  data["id"] = order;
  data["country_code"] = country.region;
  data["country_name"] = std::string(named ? found->name : std::string_view(country.region));
  data["phone_code"] = "+" + std::to_string(country.calling_code);
  data["is_sendsms"] = 1;
  data["status"] = 1;
  data["order"] = order;
  data["country_lang"] = std::string(named ? found->language : other_language);
  return data;
}

}  // namespace

std::string country_list(const core::phone_policy& phones) {
  json::array countries;
  for (const core::country_entry& country : core::known_countries()) {
    const bool allowed = phones.countries.empty() || std::find(phones.countries.begin(), phones.countries.end(),
                                                               country.region) != phones.countries.end();
    if (allowed) countries.emplace_back(country_data(country, static_cast<std::int64_t>(countries.size()) + 1));
  }
  json::object data;
  data["country_coin"] = std::move(countries);
  json::object body;
  body["code"] = 0;
  body["msg"] = "成功";
  body["data"] = std::move(data);
  return json::serialize(body);
}

}  // namespace smsauth::dialect::smssend
