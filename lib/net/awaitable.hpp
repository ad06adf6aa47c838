// The coroutine type of clients: bound to one single-threaded io_context.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

namespace smsauth::net {

template <class T>
using awaitable = boost::asio::awaitable<T, boost::asio::io_context::executor_type>;

}  // namespace smsauth::net
