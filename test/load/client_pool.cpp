#include "load/client_pool.hpp"

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <charconv>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

namespace smsauth::load {

namespace {

constexpr std::size_t read_bytes = std::size_t{64} * 1024;
constexpr int max_events = 512;

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

struct frame {
  std::size_t bytes = 0;  ///< 0: not complete yet
  reply head;
};

// One reply at the begin of `bytes`. Both servers write "Content-Length: " in this case, and no chunked bodies.
frame frame_of(std::string_view bytes) {
  constexpr std::string_view length_field = "\r\nContent-Length: ";
  constexpr std::string_view retry_field = "\r\nRetry-After: ";
  constexpr std::size_t status_at = 9;
  constexpr int unavailable = 503;
  frame found;
  const std::size_t end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos) return found;
  const std::string_view head = bytes.substr(0, end + 2);
  std::from_chars(head.data() + status_at, head.data() + head.size(), found.head.status);
  std::size_t body = 0;
  if (const std::size_t at = head.find(length_field); at != std::string_view::npos)
    std::from_chars(head.data() + at + length_field.size(), head.data() + head.size(), body);
  if (found.head.status == unavailable) found.head.has_retry_after = head.find(retry_field) != std::string_view::npos;
  const std::size_t whole = end + 4 + body;
  if (whole <= bytes.size()) found.bytes = whole;
  return found;
}

}  // namespace

client_pool::client_pool(std::uint16_t port, std::size_t connections, reply_handler& handler)
    : port_(port), handler_(handler), epoll_(::epoll_create1(EPOLL_CLOEXEC)), clients_(connections) {
  if (epoll_ < 0) fail("epoll_create1");
  for (std::size_t i = 0; i < connections; ++i)
    open(i);
}

client_pool::~client_pool() {
  for (const client& each : clients_)
    ::close(each.socket);
  ::close(epoll_);
}

void client_pool::open(std::size_t connection) {
  client& c = clients_[connection];
  c.socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (c.socket < 0) fail("socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port_);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(c.socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) fail("connect");
  const int on = 1;
  ::setsockopt(c.socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  watch(connection, false, EPOLL_CTL_ADD);
}

void client_pool::reopen(std::size_t connection) {
  client& c = clients_[connection];
  const std::size_t lost = c.asked.size();
  ::close(c.socket);
  unanswered_ -= lost;
  c.output.clear();
  c.input.clear();
  c.asked.clear();
  c.blocked = false;
  open(connection);
  handler_.lost(connection, lost);
}

void client_pool::watch(std::size_t connection, bool for_output, int operation) {
  epoll_event event{};
  event.events = EPOLLIN | (for_output ? static_cast<std::uint32_t>(EPOLLOUT) : 0U);
  event.data.u64 = connection;
  if (::epoll_ctl(epoll_, operation, clients_[connection].socket, &event) != 0) fail("epoll_ctl");
}

void client_pool::ask(std::size_t connection, std::string_view request, clock::time_point asked) {
  client& c = clients_[connection];
  c.output += request;
  c.asked.push_back(asked);
  ++unanswered_;
  if (c.queued) return;
  c.queued = true;
  to_send_.push_back(connection);
}

void client_pool::poll(std::chrono::microseconds wait) {
  sending_.swap(to_send_);
  for (const std::size_t each : sending_) {
    clients_[each].queued = false;
    if (!clients_[each].blocked) flush(each);
  }
  sending_.clear();
  std::array<epoll_event, max_events> events;
  timespec limit{};
  limit.tv_sec = wait.count() / 1'000'000;
  limit.tv_nsec = wait.count() % 1'000'000 * 1'000;
  const int count = ::epoll_pwait2(epoll_, events.data(), max_events, &limit, nullptr);
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    const auto connection = static_cast<std::size_t>(event.data.u64);
    if ((event.events & EPOLLOUT) != 0) flush(connection);
    if ((event.events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) read_replies(connection);
  }
}

void client_pool::flush(std::size_t connection) {
  client& c = clients_[connection];
  const ssize_t sent = ::send(c.socket, c.output.data(), c.output.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent < 0 && errno != EAGAIN) return;  // the read that follows sees why
  if (sent > 0) c.output.erase(0, static_cast<std::size_t>(sent));
  const bool blocked = !c.output.empty();
  if (blocked != c.blocked) watch(connection, blocked, EPOLL_CTL_MOD);
  c.blocked = blocked;
}

void client_pool::read_replies(std::size_t connection) {
  client& c = clients_[connection];
  thread_local std::array<char, read_bytes> buffer;
  const ssize_t count = ::recv(c.socket, buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (count < 0 && errno == EAGAIN) return;
  if (count <= 0) return reopen(connection);
  const std::string_view fresh(buffer.data(), static_cast<std::size_t>(count));
  if (c.input.empty()) {
    const std::size_t used = take_replies(connection, fresh);
    c.input.assign(fresh.substr(used));
  } else {
    std::string all = std::move(c.input);
    c.input.clear();
    all += fresh;
    const std::size_t used = take_replies(connection, all);
    c.input = all.substr(used);
  }
}

std::size_t client_pool::take_replies(std::size_t connection, std::string_view bytes) {
  client& c = clients_[connection];
  const auto now = clock::now();
  std::size_t used = 0;
  while (!c.asked.empty()) {
    frame next = frame_of(bytes.substr(used));
    if (next.bytes == 0) break;
    used += next.bytes;
    next.head.taken = now - c.asked.front();
    c.asked.pop_front();
    --unanswered_;
    handler_.replied(connection, next.head);
  }
  return used;
}

void raise_file_limit() noexcept {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
}

}  // namespace smsauth::load
