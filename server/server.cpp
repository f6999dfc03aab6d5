// Members are destroyed in reverse: ports, then I/O threads with their sessions, then what these
// share.
#include "server/server.hpp"

#include <algorithm>

namespace boxoffice::server {
namespace {

constexpr std::int64_t k_operations_connections_max = 256;

/// A quarter of the shortest timeout, so that none is overrun by more, but within reason.
Clock::duration tick_of(const SessionLimits& limits) {
  const auto shortest = std::min(
      {limits.idle_timeout, limits.header_timeout, limits.body_timeout, limits.write_timeout});
  return std::clamp<Clock::duration>(shortest / 4, std::chrono::milliseconds(5),
                                     std::chrono::milliseconds(200));
}

}  // namespace

Server::Server(const ServerOptions& options, Responder& responder, TlsPort* tls)
    : network_{responder, options.limits, options.connections_max},
      operations_{responder, options.limits, k_operations_connections_max} {
  for (int i = 0; i < options.io_threads; ++i) {
    threads_.push_back(std::make_unique<IoThread>(tick_of(options.limits)));
  }
  const auto scope = options.operations_port ? Scope::api : Scope::both;
  listeners_.push_back(
      std::make_unique<Listener>(threads_, options.host, options.port, scope, tls));
  if (!options.operations_port) return;
  listeners_.push_back(std::make_unique<Listener>(threads_, options.host, *options.operations_port,
                                                  Scope::operations, nullptr));
}

Server::~Server() {
  stop();
}

std::optional<std::string> Server::operations_url() const {
  if (listeners_.size() == 1) return std::nullopt;
  return listeners_.back()->url();
}

void Server::start() {
  listeners_.front()->start(network_);
  if (listeners_.size() > 1) listeners_.back()->start(operations_);
  for (auto& thread : threads_) thread->start();
}

void Server::drain() {
  listeners_.front()->stop();
  network_.draining = operations_.draining = true;
  for (auto& thread : threads_) thread->check_soon();
}

void Server::stop() {
  for (auto& thread : threads_) thread->stop();
}

}  // namespace boxoffice::server
