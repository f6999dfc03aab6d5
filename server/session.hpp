// One connection: reads requests, has them answered in order, writes the replies.
//
// Requests may be pipelined and the connection is kept as HTTP/1.1 says. Whatever a client sends,
// it gets a reply or a closed connection within the timeouts: idle between requests, header from
// the first byte, body from the header's end, write from the reply's begin; a byte now and then
// extends none of them; a TLS handshake has the header's time. After an error of the framing the
// connection is closed, since nobody knows where the next request would start.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "server/io_thread.hpp"
#include "server/responder.hpp"
#include "server/tls_context.hpp"
#include "server/units.hpp"

namespace boxoffice::server {

struct SessionLimits {
  std::uint32_t header_bytes_max = 8 * 1024;
  std::uint64_t body_bytes_max = 64 * 1024;
  Duration idle_timeout = std::chrono::seconds(75);
  Duration header_timeout = std::chrono::seconds(10);
  Duration body_timeout = std::chrono::seconds(10);
  Duration write_timeout = std::chrono::seconds(10);
};

/// What all sessions of a port share; outlives them.
struct Network {
  Responder& responder;
  SessionLimits limits;
  std::int64_t connections_max = 20'000;
  std::atomic<std::int64_t> connections = 0;
  std::atomic<std::int64_t> turned_away = 0;  ///< since the start: one too many
  /// Idle sessions close, the others after their reply.
  std::atomic<bool> draining = false;
};

/// Any thread. The connection counts in `network.connections` until its end. `tls`: what the port
/// encrypts with, which outlives the session; nullptr: plain HTTP. Throws what making a session
/// throws: the connection is closed then, and counts no more.
void start_session(Socket socket, IoThread& home, Network& network, Scope port, TlsPort* tls);

}  // namespace boxoffice::server
