#include "http/ready_socket.hpp"

#include <boost/asio/error.hpp>

#include <cerrno>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace smsauth::http {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

error_code last_error() noexcept {
  return {errno, boost::system::system_category()};
}

int new_set() {
  const int set = ::epoll_create1(EPOLL_CLOEXEC);
  if (set < 0) throw boost::system::system_error(last_error(), "epoll_create1");
  return set;
}

}  // namespace

ready_socket ready_socket::accept(int acceptor, asio::ip::tcp::endpoint& from, error_code& error) {
  ready_socket made;
  auto length = static_cast<socklen_t>(from.capacity());
  made.descriptor_ = ::accept4(acceptor, from.data(), &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (made.descriptor_ < 0) {
    error = last_error();
  } else {
    error.clear();
    from.resize(length);
  }
  return made;
}

ready_socket::ready_socket(ready_socket&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      readable_(other.readable_),
      writable_(other.writable_),
      ended_(other.ended_) {}

ready_socket::~ready_socket() {
  close();
}

std::size_t ready_socket::receive(std::span<char> space, error_code& error) noexcept {
  for (;;) {
    const ssize_t count = ::recv(descriptor_, space.data(), space.size(), 0);
    if (count < 0 && errno == EINTR) continue;
    if (count > 0) {
      error.clear();
      // Less than there was room for: the socket is empty (epoll(7)), but for an end that came along.
      if (static_cast<std::size_t>(count) < space.size()) readable_ = false;
      return static_cast<std::size_t>(count);
    }
    error = count == 0 ? error_code(asio::error::eof) : last_error();
    readable_ = false;
    return 0;
  }
}

std::size_t ready_socket::send(std::string_view octets, error_code& error) noexcept {
  for (;;) {
    const ssize_t count = ::send(descriptor_, octets.data(), octets.size(), MSG_NOSIGNAL);
    if (count >= 0) {
      error.clear();
      return static_cast<std::size_t>(count);
    }
    if (errno == EINTR) continue;
    error = last_error();
    writable_ = false;
    return 0;
  }
}

void ready_socket::shutdown_send() noexcept {
  ::shutdown(descriptor_, SHUT_WR);
}

void ready_socket::close() noexcept {
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

void ready_socket::note(std::uint32_t events) noexcept {
  constexpr std::uint32_t broken = EPOLLHUP | EPOLLERR;
  readable_ = readable_ || (events & EPOLLIN) != 0;
  writable_ = writable_ || (events & (EPOLLOUT | broken)) != 0;
  ended_ = ended_ || (events & (EPOLLRDHUP | broken)) != 0;
}

readiness_set::readiness_set(asio::io_context& context) : descriptor_(context.get_executor(), new_set()) {}

void readiness_set::add(const ready_socket& socket, void* owner, error_code& error) noexcept {
  epoll_event wanted{};
  wanted.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  wanted.data.ptr = owner;
  error.clear();
  if (::epoll_ctl(descriptor_.native_handle(), EPOLL_CTL_ADD, socket.descriptor(), &wanted) != 0) error = last_error();
}

std::span<const epoll_event> readiness_set::ready() noexcept {
  const int count = ::epoll_wait(descriptor_.native_handle(), found_.data(), static_cast<int>(max_events), 0);
  return {found_.data(), static_cast<std::size_t>(count < 0 ? 0 : count)};
}

}  // namespace smsauth::http
