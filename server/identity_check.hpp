// Keeps asking the database whether every event's tickets add up, and remembers which do not: what
// the invariant gauge shows, and the alert that must never fire.
//
// The sweep's leader calls look() between two passes. A look takes some hundred events; the next
// one goes on behind them and starts again at the end. So that a large database is not burdened,
// looks take at most a hundredth of the time: after one of 100 ms the next waits for ten seconds.
//
// Where a look runs into its time limit the next ones take fewer events, down to a single one; an
// event that is too large even then is passed over, with a line in the log. Or one event with very
// many reservations would keep all others from being looked at.
#pragma once

#include <atomic>
#include <functional>
#include <set>
#include <vector>

#include "server/counters.hpp"
#include "strategies/database.hpp"
#include "strategies/identity.hpp"
#include "strategies/types.hpp"

namespace boxoffice::server {

/// What the database is asked; a test answers itself. They throw Failure.
struct IdentityQuestions {
  std::function<strategies::IdentityRange(strategies::Connection&, strategies::EventId after,
                                          std::int64_t limit)>
      range = &strategies::identity_range;
  std::function<std::vector<strategies::IdentityBreak>(
      strategies::Connection&, strategies::EventId after, strategies::EventId last)>
      breaks = &strategies::identity_breaks;
};

class IdentityCheck {
 public:
  explicit IdentityCheck(IdentityQuestions questions = {}) : questions_(std::move(questions)) {}

  /// Nothing where it is too early. Throws nothing: what fails is counted and logged.
  void look(strategies::Connection& connection);

  /// Events that did not add up when they were last looked at. Any thread.
  std::int64_t broken() const { return broken_count_; }
  const Counter& events_checked() const { return events_checked_; }
  const Counter& failed() const { return failed_; }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::int64_t k_events_a_look_max = 500;
  void look_at(strategies::Connection& connection, const strategies::IdentityRange& range);
  void narrow(const strategies::IdentityRange& range);

  const IdentityQuestions questions_;
  std::int64_t events_a_look_ = k_events_a_look_max;
  strategies::EventId after_;
  Clock::time_point not_before_;
  std::set<strategies::EventId> broken_;
  std::atomic<std::int64_t> broken_count_ = 0;
  Counter events_checked_;
  Counter failed_;
};

}  // namespace boxoffice::server
