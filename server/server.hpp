// The network side as a whole: I/O threads, ports, sessions; and its two ends, drain and stop.
//
// Opening the ports and serving are two steps, so that a port that is in use is found before
// anything else has happened, and nobody is let in before everything is ready.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/listener.hpp"
#include "server/session.hpp"

namespace boxoffice::server {

struct ServerOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8080;                     ///< 0: a free one
  std::optional<std::uint16_t> operations_port;  ///< where given, its routes are only there
  int io_threads = 1;
  std::int64_t connections_max = 20'000;  ///< of the public port
  SessionLimits limits;
};

class Server {
 public:
  /// Opens the ports; throws CannotListen. The responder outlives this, and so does
  /// `tls`, which encrypts the public port; the operations port is plain always.
  Server(const ServerOptions& options, Responder& responder, TlsPort* tls = nullptr);
  ~Server();

  std::string url() const { return listeners_.front()->url(); }
  std::uint16_t port() const { return listeners_.front()->port(); }
  std::optional<std::string> operations_url() const;
  void start();
  /// Stops accepting; idle sessions end now, the others after their reply. The operations port,
  /// where there is one, is open until stop().
  void drain();
  /// On both ports.
  std::int64_t connections() const { return network_.connections + operations_.connections; }
  /// The public port's.
  const Network& network() const { return network_; }
  /// Ends the threads; no call may be under way any more. Again: does nothing.
  void stop();

 private:
  Network network_;
  Network operations_;  // with a limit of its own: a full shop is still to be probed
  std::vector<std::unique_ptr<IoThread>> threads_;
  std::vector<std::unique_ptr<Listener>> listeners_;
};

}  // namespace boxoffice::server
