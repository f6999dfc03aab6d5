// One connection's encryption over a socket that never blocks: each step does what can be done now
// and says what the socket has to become before the next try.
//
// OpenSSL reads and writes the descriptor itself, and the session waits for it as for any other. An
// asio::ssl::stream would keep two buffers of 17 KB a connection, idle or not, and its templates
// would be compiled with the session's.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "server/tls_context.hpp"

struct ssl_st;

namespace boxoffice::server {

class TlsStream {
 public:
  enum class Next {
    done,
    wait_readable,
    wait_writable,
    over,  ///< the connection has ended, orderly or not
  };
  struct Step {
    Next next = Next::over;
    std::size_t bytes = 0;  ///< read or written, where done
  };

  /// The server's side, before its handshake. `socket` is non-blocking and outlives this.
  TlsStream(std::shared_ptr<const TlsContext> context, int socket);

  Step shake_hands();
  /// At most `size` bytes; what is left of a record comes at the next read.
  Step read(void* to, std::size_t size);
  /// Of `size` bytes as many as go. Where it has to wait, the next write begins with the same ones.
  Step write(const void* from, std::size_t size);
  /// Tells the other side that nothing more comes, if the socket takes it now and all went well.
  void close();

  // Of a handshake that is over without being done:
  /// The client spoke HTTP without TLS. What it sent is partly read.
  bool met_plain_http() const { return met_plain_http_; }
  /// The client sent nothing at all, as a balancer's look at the port does.
  bool heard_nothing() const;
  /// OpenSSL's words; empty where the connection just ended.
  const std::string& reason() const { return reason_; }

 private:
  Step step_of(int result, std::size_t bytes);

  std::shared_ptr<const TlsContext> context_;
  std::unique_ptr<ssl_st, void (*)(ssl_st*)> ssl_;
  bool broken_ = false;  // nothing may be sent any more, a farewell neither
  bool met_plain_http_ = false;
  std::string reason_;
};

}  // namespace boxoffice::server
