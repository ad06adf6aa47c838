// An SMSC on a loopback socket, in a thread of its own with blocking calls. Does what a test's script says.
#pragma once

#include "sms/smpp/pdu.hpp"

#include <openssl/ssl.h>

#include <arpa/inet.h>
#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <netinet/in.h>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace smsauth::test {

namespace smpp = sms::smpp;

class smsc_double {
 public:
  /// One connection as a script sees it.
  class session {
   public:
    session(int descriptor, std::size_t connection, SSL* tls)
        : number(connection), descriptor_(descriptor), tls_(tls) {}
    ~session() {
      if (tls_ != nullptr) SSL_free(tls_);
      ::close(descriptor_);
    }
    session(const session&) = delete;
    session& operator=(const session&) = delete;

    const std::size_t number;  ///< of the connection, from 0

    void write(const std::string& octets) {
      const std::scoped_lock lock(mutex_);
      if (tls_ != nullptr) {
        SSL_write(tls_, octets.data(), static_cast<int>(octets.size()));
        return;
      }
      std::size_t done = 0;
      while (done < octets.size()) {
        const ssize_t count = ::send(descriptor_, octets.data() + done, octets.size() - done, MSG_NOSIGNAL);
        if (count <= 0) return;
        done += static_cast<std::size_t>(count);
      }
    }
    void send(const smpp::pdu& what) { write(smpp::encode(what)); }
    void reply(const smpp::pdu& to, smpp::pdu_body body = {}, std::uint32_t status = 0) {
      send({to.id | smpp::response_bit, status, to.sequence, std::move(body)});
    }
    /// The end of the connection, once what was received has been handled.
    void hang_up() { open_ = false; }

    /// What every SMSC does: takes each bind and message; the ids count up over all connections.
    void standard(const smpp::pdu& request, std::atomic<int>& ids) {
      using smpp::command;
      if (request.is(command::bind_transceiver)) return reply(request, smpp::bind_reply{"SMSC", {}});
      if (request.is(command::submit_sm)) return reply(request, smpp::message_reply{"MSG" + std::to_string(++ids), {}});
      if (request.is(command::enquire_link)) return reply(request);
      if (!request.is(command::unbind)) return;
      reply(request);
      hang_up();
    }

   private:
    friend class smsc_double;

    /// Blocks; empty at the end.
    std::string read_some() {
      std::array<char, 4096> chunk;
      if (tls_ == nullptr) {
        const ssize_t count = ::recv(descriptor_, chunk.data(), chunk.size(), 0);
        return count > 0 ? std::string(chunk.data(), static_cast<std::size_t>(count)) : std::string();
      }
      const std::scoped_lock lock(mutex_);
      const int count = SSL_read(tls_, chunk.data(), static_cast<int>(chunk.size()));
      return count > 0 ? std::string(chunk.data(), static_cast<std::size_t>(count)) : std::string();
    }

    const int descriptor_;
    SSL* const tls_;
    std::mutex mutex_;  ///< of writes; with TLS of reads too
    bool open_ = true;
  };

  /// Runs on the SMSC's thread for each PDU that comes.
  using script = std::function<void(session&, const smpp::pdu&)>;

  /// Without a script it does the standard thing. `tls` outlives this.
  explicit smsc_double(script act = {}, SSL_CTX* tls = nullptr) : act_(std::move(act)), tls_(tls) {
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    stop_ = ::eventfd(0, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    auto* const address = reinterpret_cast<sockaddr*>(&at);
    if (::bind(listener_, address, size) != 0 || ::listen(listener_, 8) != 0 ||
        ::getsockname(listener_, address, &size) != 0)
      throw std::runtime_error("no listening socket");
    port_ = ntohs(at.sin_port);
    thread_ = std::thread([this] { accept_all(); });
  }
  ~smsc_double() {
    const std::uint64_t one = 1;
    if (::write(stop_, &one, sizeof one) != sizeof one) std::terminate();
    thread_.join();
    ::close(listener_);
    ::close(stop_);
  }
  smsc_double(const smsc_double&) = delete;
  smsc_double& operator=(const smsc_double&) = delete;

  std::string port() const { return std::to_string(port_); }
  std::atomic<int>& ids() { return ids_; }
  void standard(session& s, const smpp::pdu& request) { s.standard(request, ids_); }

  std::size_t connections() {
    const std::scoped_lock lock(mutex_);
    return connections_;
  }
  /// All that came with that command, over all connections.
  std::vector<smpp::pdu> received(smpp::command which) {
    const std::scoped_lock lock(mutex_);
    std::vector<smpp::pdu> all;
    for (const smpp::pdu& each : received_) {
      if (each.is(which)) all.push_back(each);
    }
    return all;
  }
  /// From the test's thread, to the connection that is open now; false without one.
  bool push(const std::string& octets) {
    const std::scoped_lock lock(mutex_);
    if (!current_) return false;
    current_->write(octets);
    return true;
  }
  bool push(const smpp::pdu& what) { return push(smpp::encode(what)); }
  /// The network is gone: the peer sees the end of the stream.
  void cut() {
    const std::scoped_lock lock(mutex_);
    if (current_) ::shutdown(current_->descriptor_, SHUT_RDWR);
  }

 private:
  /// False when it is time to stop.
  bool wait_for(int descriptor) const {
    std::array<pollfd, 2> both{{{descriptor, POLLIN, 0}, {stop_, POLLIN, 0}}};
    while (::poll(both.data(), both.size(), -1) < 0)
      continue;
    return both[1].revents == 0;
  }

  void accept_all() {
    while (wait_for(listener_)) {
      const int descriptor = ::accept(listener_, nullptr, nullptr);
      if (descriptor < 0) continue;
      SSL* const tls = tls_ == nullptr ? nullptr : SSL_new(tls_);
      std::shared_ptr<session> next;
      {
        const std::scoped_lock lock(mutex_);
        next = std::make_shared<session>(descriptor, connections_++, tls);
      }
      if (tls != nullptr) SSL_set_fd(tls, descriptor);
      if (tls != nullptr && SSL_accept(tls) != 1) continue;
      set_current(next);
      serve(*next);
      set_current(nullptr);
    }
  }

  void set_current(std::shared_ptr<session> next) {
    const std::scoped_lock lock(mutex_);
    current_ = std::move(next);
  }

  void serve(session& s) {
    std::string buffer;
    while (s.open_) {
      const bool buffered = s.tls_ != nullptr && SSL_pending(s.tls_) > 0;
      if (!buffered && !wait_for(s.descriptor_)) return;
      const std::string more = s.read_some();
      if (more.empty()) return;
      buffer += more;
      while (s.open_ && smpp::frame_of(buffer) == smpp::frame_state::whole) {
        const std::size_t length = smpp::read_header(buffer)->length;
        const auto read = smpp::decode(std::string_view(buffer).substr(0, length));
        buffer.erase(0, length);
        if (read) handle(s, *read);
      }
    }
  }

  void handle(session& s, const smpp::pdu& read) {
    {
      const std::scoped_lock lock(mutex_);
      received_.push_back(read);
    }
    if (act_) return act_(s, read);
    standard(s, read);
  }

  const script act_;
  SSL_CTX* const tls_;
  int listener_ = -1;
  int stop_ = -1;
  int port_ = 0;
  std::atomic<int> ids_ = 0;
  std::mutex mutex_;
  std::vector<smpp::pdu> received_;
  std::size_t connections_ = 0;
  std::shared_ptr<session> current_;
  std::thread thread_;
};

}  // namespace smsauth::test
