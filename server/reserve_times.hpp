// Where the time of a successful reserve went, part by part: what tells a strategy that queues from
// one that retries, and both from a database that is slow to commit. And what such reserves sent to
// the database, all tries together.
//
// The parts of one reserve add up to the time from its request's last byte to its reply; what was
// measured nowhere else is the server's own (parsing, token, thread switches, JSON). Reserves that
// made no hold are left out: a refusal does not do the work that strategies differ in. So are those
// that swept their event first, for part of their time is another operation's.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include "server/counters.hpp"
#include "strategies/spans.hpp"
#include "strategies/traffic.hpp"

namespace boxoffice::server {

class ReserveTimes {
 public:
  static constexpr std::array<std::string_view, 7> k_parts{
      "admission", "pool", "locking", "statements", "commit", "pauses", "server"};

  using Nanoseconds = std::chrono::nanoseconds;
  struct Waits {
    Nanoseconds admission, pool;
  };
  void observe(Nanoseconds total, const Waits& waits, const strategies::Spans& spans) {
    const std::array<Nanoseconds, 6> known{waits.admission,  waits.pool,   spans.locking,
                                           spans.statements, spans.commit, spans.pauses};
    for (std::size_t i = 0; i < known.size(); ++i) {
      parts_[i].observe(known[i]);
      total -= known[i];
    }
    parts_.back().observe(std::max(total, Nanoseconds(0)));
  }
  /// In the order of k_parts.
  const std::array<LatencyHistogram, k_parts.size()>& parts() const { return parts_; }

 private:
  std::array<LatencyHistogram, k_parts.size()> parts_;
};

class ReserveTraffic {
 public:
  void observe(const strategies::Traffic& sent) {
    statements_.add(sent.statements);
    round_trips_.add(sent.round_trips);
  }
  const Counter& statements() const { return statements_; }
  const Counter& round_trips() const { return round_trips_; }

 private:
  Counter statements_, round_trips_;
};

}  // namespace boxoffice::server
