#include "dialect/failure_table.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

namespace smsauth::dialect {

namespace {

constexpr int service_unavailable = 503;
constexpr std::int64_t least_retry_after_seconds = 1;

struct edge_text {
  int status;
  std::string_view text;
};
constexpr std::array edge_texts{
    edge_text{404, "接口不存在"},   edge_text{405, "请求方法不支持"}, edge_text{408, "请求超时"},
    edge_text{413, "请求内容过大"}, edge_text{414, "请求地址过长"},   edge_text{415, "不支持的请求格式"},
    edge_text{431, "请求头过大"},
};

}  // namespace

const failure_row& row_of(const failure_table& table, core::errc error) noexcept {
  const auto index = static_cast<std::size_t>(error);
  return table[index < table.size() ? index : static_cast<std::size_t>(core::errc::internal)];
}

failure_row edge_row(const failure_table& table, int status, const core::failure& error) noexcept {
  failure_row row = row_of(table, error.code);
  row.status = status;
  const auto* found = std::find_if(edge_texts.begin(), edge_texts.end(),
                                   [status](const edge_text& one) { return one.status == status; });
  if (found != edge_texts.end()) row.text = found->text;
  return row;
}

http::response failure_response(int status, std::string body, const core::failure& error) {
  http::response reply(status, std::move(body));
  reply.retry_after_seconds = error.retry_after_seconds;
  if (status == service_unavailable) {
    reply.retry_after_seconds = std::max(reply.retry_after_seconds, least_retry_after_seconds);
  }
  return reply;
}

void note_outcome(const http::request& where, const core::failure& error) noexcept {
  if (where.event != nullptr) where.event->outcome = core::to_string(error.code);
}

}  // namespace smsauth::dialect
