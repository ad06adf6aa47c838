// The coroutine type of the I/O threads.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

namespace smsauth::runtime {

/// Coroutine bound to the single-threaded io_context of one I/O thread; the same type as http::awaitable.
template <class T>
using awaitable = boost::asio::awaitable<T, boost::asio::io_context::executor_type>;

}  // namespace smsauth::runtime
