// Keeps asking the database whether every event's tickets add up, and remembers which do not: what
// the invariant gauge shows, and the alert that must never fire.
//
// The sweep's leader calls look() between two passes. A look takes some hundred events; the next
// one goes on behind them and starts again at the end. So that a large database is not burdened,
// looks take at most a hundredth of the time: after one of 100 ms the next waits for ten seconds.
#pragma once

#include <atomic>
#include <set>

#include "server/counters.hpp"
#include "strategies/database.hpp"
#include "strategies/types.hpp"

namespace boxoffice::server {

class IdentityCheck {
 public:
  /// Nothing where it is too early. Throws nothing: what fails is counted and logged.
  void look(strategies::Connection& connection);

  /// Events that did not add up when they were last looked at. Any thread.
  std::int64_t broken() const { return broken_count_; }
  const Counter& events_checked() const { return events_checked_; }
  const Counter& failed() const { return failed_; }

 private:
  using Clock = std::chrono::steady_clock;
  void look_now(strategies::Connection& connection);

  strategies::EventId after_;
  Clock::time_point not_before_;
  std::set<strategies::EventId> broken_;
  std::atomic<std::int64_t> broken_count_ = 0;
  Counter events_checked_;
  Counter failed_;
};

}  // namespace boxoffice::server
