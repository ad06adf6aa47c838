// The gateways of this process, and in which order they are asked for a message.
#pragma once

#include "service/gateway_desk.hpp"
#include "sms/gateway.hpp"

#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

namespace smsauth::service {

class delivery_routes {
 public:
  /// Positions in desks(), first choice first; never empty.
  using planner = std::function<std::vector<std::size_t>(const sms::message&)>;

  /// Everything goes to one local sink, on the I/O thread of the request. `only` outlives this.
  explicit delivery_routes(sms::gateway& only) : local_(&only) {}
  /// Everything goes by `plan`, on the one thread that runs `where`.
  delivery_routes(boost::asio::io_context& where, std::vector<std::unique_ptr<gateway_desk>> desks, planner plan)
      : where_(&where), desks_(std::move(desks)), plan_(std::move(plan)) {}
  delivery_routes(const delivery_routes&) = delete;
  delivery_routes& operator=(const delivery_routes&) = delete;

  /// The one local sink, or nullptr.
  sms::gateway* local() const noexcept { return local_; }
  boost::asio::io_context& where() const noexcept { return *where_; }
  const std::vector<std::unique_ptr<gateway_desk>>& desks() const noexcept { return desks_; }
  std::vector<std::size_t> plan(const sms::message& what) const { return plan_(what); }

 private:
  sms::gateway* local_ = nullptr;
  boost::asio::io_context* where_ = nullptr;
  std::vector<std::unique_ptr<gateway_desk>> desks_;
  planner plan_;
};

}  // namespace smsauth::service
