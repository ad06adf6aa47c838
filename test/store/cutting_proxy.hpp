// A TCP proxy before MariaDB that loses COMMITs or their answers: the moments that a KILL cannot hit for sure.
#pragma once

#include <arpa/inet.h>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <deque>
#include <mutex>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <vector>

namespace smsauth::test {

enum class commit_loss {
  none,
  request,       ///< both sides are closed before the server sees the COMMIT
  answer,        ///< the server does it, both sides are closed instead of the answer
  silence,       ///< the server does it, the client never hears of it and its time-out ends the wait
  half_request,  ///< the client's side is closed, the server goes on waiting for the COMMIT, locks held
};

class cutting_proxy {
 public:
  cutting_proxy(const std::string& host, std::uint16_t port) {
    server_.sin_family = AF_INET;
    server_.sin_port = htons(port);
    ::inet_pton(AF_INET, host.c_str(), &server_.sin_addr);
    sockaddr_in own{};
    own.sin_family = AF_INET;
    own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    socklen_t size = sizeof own;
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&own), size) != 0 || ::listen(listener_, 64) != 0 ||
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&own), &size) != 0) {
      throw std::system_error(errno, std::generic_category(), "cutting_proxy");
    }
    port_ = ntohs(own.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~cutting_proxy() {
    stop_ = true;
    thread_.join();
    for (const link& each : links_)
      shut(each);
    ::close(listener_);
  }
  cutting_proxy(const cutting_proxy&) = delete;
  cutting_proxy& operator=(const cutting_proxy&) = delete;

  std::uint16_t port() const noexcept { return port_; }

  /// The next COMMITs are lost, each in its way.
  void lose_commits(const std::vector<commit_loss>& losses) {
    const std::scoped_lock lock(mutex_);
    losses_.assign(losses.begin(), losses.end());
  }
  std::size_t left_to_lose() {
    const std::scoped_lock lock(mutex_);
    return losses_.size();
  }

 private:
  struct link {
    int client = -1;
    int server = -1;
    enum class phase { open, lose_answer, swallow_answers } state = phase::open;
    bool dead = false;
  };

  static void shut(const link& each) {
    if (each.client >= 0) ::close(each.client);
    if (each.server >= 0) ::close(each.server);
  }

  static bool forward(int to, const char* bytes, ssize_t size) {
    for (ssize_t sent = 0; sent < size;) {
      const ssize_t now = ::send(to, bytes + sent, static_cast<std::size_t>(size - sent), MSG_NOSIGNAL);
      if (now <= 0) return false;
      sent += now;
    }
    return true;
  }

  void accept_one() {
    link fresh;
    fresh.client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fresh.client < 0) return;
    fresh.server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    fresh.dead = ::connect(fresh.server, reinterpret_cast<const sockaddr*>(&server_), sizeof server_) != 0;
    const int on = 1;
    ::setsockopt(fresh.client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ::setsockopt(fresh.server, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    links_.push_back(fresh);
  }

  // The client waits for each answer, so a read holds one whole command: 3 bytes length, 1 number, COM_QUERY, the text.
  static bool is_commit(std::string_view bytes) {
    return bytes.size() == 11 && bytes.ends_with(
                                     "\x03"
                                     "COMMIT");
  }

  commit_loss next_loss() {
    const std::scoped_lock lock(mutex_);
    if (losses_.empty()) return commit_loss::none;
    const commit_loss next = losses_.front();
    losses_.pop_front();
    return next;
  }

  void from_client(link& on) {
    char bytes[16384];
    const ssize_t size = ::recv(on.client, bytes, sizeof bytes, 0);
    if (size <= 0) {
      on.dead = true;
      return;
    }
    if (is_commit({bytes, static_cast<std::size_t>(size)})) {
      switch (next_loss()) {
        case commit_loss::none:
          break;
        case commit_loss::request:
          on.dead = true;
          return;
        case commit_loss::answer:
          on.state = link::phase::lose_answer;
          break;
        case commit_loss::silence:
          on.state = link::phase::swallow_answers;
          break;
        case commit_loss::half_request:
          ::close(on.client);
          on.client = -1;
          return;
      }
    }
    if (!forward(on.server, bytes, size)) on.dead = true;
  }

  void from_server(link& on) {
    char bytes[16384];
    const ssize_t size = ::recv(on.server, bytes, sizeof bytes, 0);
    if (size <= 0 || on.state == link::phase::lose_answer) {
      on.dead = true;
    } else if (on.state == link::phase::open && on.client >= 0 && !forward(on.client, bytes, size)) {
      on.dead = true;
    }
  }

  void serve() {
    while (!stop_) {
      std::vector<pollfd> watched{{listener_, POLLIN, 0}};
      for (const link& each : links_) {
        watched.push_back({each.client, POLLIN, 0});  // -1 is skipped by poll
        watched.push_back({each.server, POLLIN, 0});
      }
      constexpr int look_for_stop_ms = 20;
      if (::poll(watched.data(), watched.size(), look_for_stop_ms) <= 0) continue;
      for (std::size_t i = 0; i < links_.size(); ++i) {
        if (watched[1 + 2 * i].revents != 0) from_client(links_[i]);
        if (!links_[i].dead && watched[2 + 2 * i].revents != 0) from_server(links_[i]);
      }
      if (watched[0].revents != 0) accept_one();
      std::erase_if(links_, [](const link& each) {
        if (each.dead) shut(each);
        return each.dead;
      });
    }
  }

  sockaddr_in server_{};
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::vector<link> links_;
  std::mutex mutex_;
  std::deque<commit_loss> losses_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace smsauth::test
