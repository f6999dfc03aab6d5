// Where a transaction's time goes, as its caller sees it: round trips to the database, sorted by
// what they may wait for.
//
// A step is sorted by its statements: one that may wait for another transaction's row lock is
// marked where its SQL stands (Waits::for_row_lock). What travels in one round trip cannot be told
// apart and counts whole: the look-up behind a lock as locking, on PostgreSQL the statements before
// COMMIT as commit. Strategies know nothing of it; steps, statements and transactions measure
// themselves, at two readings of the clock each.
#pragma once

#include <chrono>

namespace boxoffice::strategies {

/// Of one call of a strategy, all tries together. What is in none of them is the program's own.
struct Spans {
  std::chrono::nanoseconds locking{};     ///< steps that may have waited for a row lock
  std::chrono::nanoseconds statements{};  ///< the others before COMMIT, and ROLLBACK
  std::chrono::nanoseconds commit{};
  std::chrono::nanoseconds pauses{};  ///< before another try

  void add(const Spans& other) {
    locking += other.locking;
    statements += other.statements;
    commit += other.commit;
    pauses += other.pauses;
  }
};

/// Adds the time of its own life to a span, also where that ends with an exception.
class SpanTimer {
 public:
  using Clock = std::chrono::steady_clock;

  explicit SpanTimer(std::chrono::nanoseconds& span) : span_(span) {}
  SpanTimer(const SpanTimer&) = delete;
  SpanTimer& operator=(const SpanTimer&) = delete;
  ~SpanTimer() { span_ += Clock::now() - begin_; }

 private:
  std::chrono::nanoseconds& span_;
  const Clock::time_point begin_ = Clock::now();
};

}  // namespace boxoffice::strategies
