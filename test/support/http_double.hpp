// An HTTP peer on the loopback that does what a test's script says, plain or TLS, with blocking sockets: one thread
// accepts, one more serves each connection.
#pragma once

#include <openssl/ssl.h>

#include <arpa/inet.h>
#include <atomic>
#include <csignal>
#include <cstdint>
#include <functional>
#include <mutex>
#include <netinet/in.h>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace smsauth::test {

class http_double {
 public:
  /// One connection.
  class peer {
   public:
    peer(int descriptor, std::size_t place, SSL* tls) : number(place), descriptor_(descriptor), tls_(tls) {}
    ~peer() {
      if (tls_ != nullptr) SSL_free(tls_);
    }
    peer(const peer&) = delete;
    peer& operator=(const peer&) = delete;

    const std::size_t number;  ///< from 0

    /// Head and body, by Content-Length; empty when the client has closed.
    std::string read_request() {
      std::string request;
      std::size_t head = std::string::npos;
      for (;;) {
        head = request.find("\r\n\r\n");
        if (head != std::string::npos) break;
        if (!read_some(request)) return {};
      }
      const std::string_view field = "Content-Length: ";
      const auto at = request.find(field);
      const std::size_t length = at == std::string::npos ? 0 : std::stoul(request.substr(at + field.size()));
      while (request.size() < head + 4 + length) {
        if (!read_some(request)) return {};
      }
      return request;
    }
    void write(const std::string& octets) {
      if (tls_ != nullptr) {
        SSL_write(tls_, octets.data(), static_cast<int>(octets.size()));
        return;
      }
      std::size_t done = 0;
      while (done < octets.size()) {
        const ::ssize_t count = ::send(descriptor_, octets.data() + done, octets.size() - done, MSG_NOSIGNAL);
        if (count <= 0) return;
        done += static_cast<std::size_t>(count);
      }
    }
    void reply(const std::string& body, const std::string& status = "200 OK", const std::string& fields = {}) {
      write("HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + fields + "\r\n" +
            body);
    }
    /// Blocks until the client closes, or the double ends.
    void wait_for_close() {
      std::string rest;
      while (read_some(rest)) {
      }
    }

   private:
    bool read_some(std::string& into) {
      char buffer[4096];
      const auto count = tls_ != nullptr ? static_cast<::ssize_t>(SSL_read(tls_, buffer, sizeof buffer))
                                         : ::recv(descriptor_, buffer, sizeof buffer, 0);
      if (count <= 0) return false;
      into.append(buffer, static_cast<std::size_t>(count));
      return true;
    }

    int descriptor_;
    SSL* tls_;
  };
  using script = std::function<void(peer&)>;

  /// `serve` runs for each connection, on a thread of its own; the connection is closed when it returns.
  explicit http_double(script serve, SSL_CTX* tls = nullptr) : serve_(std::move(serve)), tls_(tls) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener_, 128) != 0 ||
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
      throw std::runtime_error("no listener");
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept(); });
  }
  ~http_double() {
    ending_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    {
      const std::scoped_lock lock(mutex_);
      for (const int descriptor : open_)
        ::shutdown(descriptor, SHUT_RDWR);
    }
    for (std::thread& each : threads_)
      each.join();
    for (const int descriptor : open_)
      ::close(descriptor);
    ::close(listener_);
  }
  http_double(const http_double&) = delete;
  http_double& operator=(const http_double&) = delete;

  std::string url(const std::string& host = "127.0.0.1") const {
    return (tls_ != nullptr ? "https://" : "http://") + host + ':' + std::to_string(port_);
  }
  std::size_t connections() const {
    const std::scoped_lock lock(mutex_);
    return open_.size();
  }

 private:
  void accept() {
    for (;;) {
      const int descriptor = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (descriptor < 0) {
        if (ending_) return;
        continue;
      }
      const std::scoped_lock lock(mutex_);
      const std::size_t number = open_.size();
      open_.push_back(descriptor);
      threads_.emplace_back([this, descriptor, number] {
        block_broken_pipe();
        talk(descriptor, number);
      });
    }
  }

  /// OpenSSL writes without MSG_NOSIGNAL; a client that has gone must not end the test program.
  static void block_broken_pipe() {
    sigset_t only;
    sigemptyset(&only);
    sigaddset(&only, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &only, nullptr);
  }

  void talk(int descriptor, std::size_t number) {
    SSL* tls = nullptr;
    if (tls_ != nullptr) {
      tls = SSL_new(tls_);
      SSL_set_fd(tls, descriptor);
    }
    peer one(descriptor, number, tls);
    if (tls == nullptr || SSL_accept(tls) == 1) serve_(one);
    ::shutdown(descriptor, SHUT_RDWR);  // closed at the end: the number stays ours until then
  }

  const script serve_;
  SSL_CTX* const tls_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<bool> ending_{false};
  mutable std::mutex mutex_;
  std::vector<int> open_;  ///< in the order of their arrival
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

}  // namespace smsauth::test
