// An open port: accepts connections and hands each to the next I/O thread in turn.
//
// When there are too many connections a new one gets 503 and is closed: a client that is left in
// the kernel's backlog would wait without knowing for what. On an encrypted port it is only closed:
// the words would cost a handshake.
#pragma once

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <functional>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>

#include "server/session.hpp"

namespace boxoffice::server {

/// Which port cannot be had, and why.
class CannotListen : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Listener {
 public:
  using IoThreads = std::span<const std::unique_ptr<IoThread>>;
  using StartSession = std::function<void(Socket, IoThread&, Network&, Scope, TlsPort*)>;

  /// Binds and listens; port 0 takes a free one. Throws CannotListen. `tls` outlives the
  /// sessions; nullptr: plain HTTP. `start` is another one in tests of what it may throw.
  Listener(IoThreads threads, const std::string& host, std::uint16_t port, Scope scope,
           TlsPort* tls, StartSession start = start_session);

  /// As a client would write it: http://127.0.0.1:8080, https://127.0.0.1:8443
  std::string url() const;
  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  /// `network` outlives the I/O threads.
  void start(Network& network);
  /// Closes the port. Any thread; the sessions stay.
  void stop();

 private:
  using Acceptor = boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, IoExecutor>;
  using Timer =
      boost::asio::basic_waitable_timer<Clock, boost::asio::wait_traits<Clock>, IoExecutor>;

  void open(const std::string& host, std::uint16_t port);
  Awaitable<void> accept_all(Network& network);
  void begin_session(Socket socket, Network& network);

  const IoThreads threads_;
  const Scope scope_;
  TlsPort* const tls_;
  const StartSession start_session_;
  Acceptor acceptor_;  // on the first of the threads
  Timer pause_;        // made beforehand: it is needed where there is no memory
  std::size_t next_ = 0;
};

}  // namespace boxoffice::server
