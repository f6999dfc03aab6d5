// The body of GET /metrics: reads what the server's parts have counted and writes it down.
//
// Nothing is pushed and nothing is kept here. It runs on an I/O thread, so it waits for no database
// and for no thread of the pool: a scrape must succeed exactly when everything else is stuck.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "server/measured_strategy.hpp"
#include "server/process_figures.hpp"
#include "server/request_counts.hpp"
#include "server/sweeper.hpp"
#include "strategies/database.hpp"

namespace boxoffice::server {

class EventCache;
class Health;
class LockWatch;
class Replica;

struct TlsFigures {
  std::int64_t handshakes_done = 0;
  std::int64_t handshakes_failed = 0;
  std::int64_t not_after_s = 0;  ///< of the certificate, since the Unix epoch
};

struct ConnectionFigures {
  std::int64_t open = 0;
  std::int64_t open_max = 0;
  std::int64_t turned_away = 0;
  std::optional<TlsFigures> tls = {};  ///< where the public port is encrypted
};

/// Where the figures come from. All of it outlives who reads it.
struct MetricSources {
  const MeasuredStrategy& strategy;
  const RequestCounts& requests;
  const Executor& executor;
  const Sweeper& sweeper;
  const Health& health;
  const LockWatch& lock_watch;
  const EventCache& event_cache;
  const Replica* replica;  ///< null: there is none
  const strategies::ServerVersion& database;
  /// Empty where there is no network.
  const std::function<ConnectionFigures()>& connections;
};

/// The text that Prometheus reads.
std::string expose(const MetricSources& sources);

}  // namespace boxoffice::server
