// A read replica for listings: how old it is, whether it may be read, and the threads that read it.
//
// Age is measured with the primary's own log and this process's own clock: at each look the primary
// says how far its log is, and the replica whether it has applied as much. What the primary had at
// the time of the newest mark that the replica has applied, the replica shows. So an idle primary
// is no lag, a replica that lost its primary is not young for having applied all that it received,
// and no two clocks are compared. A replica whose age is not known is not read.
//
// It is read while that age is within the bound; once it was beyond, not before it is within half
// of it, so that a replica at the edge does not change sides all the time. Each change is logged.
// Whatever goes wrong there, the primary answers (Call::run).
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "server/counters.hpp"
#include "server/executor.hpp"
#include "server/units.hpp"
#include "strategies/replication.hpp"

namespace boxoffice::server {

class Replica {
 public:
  /// What a look asks, on the thread that this owns. Both may throw what they like.
  struct Look {
    std::function<std::string()> position;  ///< of the primary
    std::function<strategies::Follower(const std::string& position)> follows;
  };

  Replica(Look look, Duration lag_max, const ExecutorLimits& limits, Executor::Connect connect);
  ~Replica() { stop(); }

  /// Needs no replica that is there.
  void start();
  /// Reads, on one of its threads. Where the replica is lost meanwhile, those that still wait are
  /// refused as overloaded.
  void submit(Job& job) { executor_.submit(job); }
  /// Refuses what has waited past its deadline, or all where the replica was lost; logs that and
  /// its return. By one thread.
  void expire(Clock::time_point now);
  void refuse_waiting() { executor_.refuse_waiting(); }
  void stop();
  std::int64_t unfinished() const { return executor_.unfinished(); }

  /// Where it may be read now: it shows everything that the primary had then.
  std::optional<Clock::time_point> usable_as_of(Clock::time_point now) const;
  /// A read met a replica that was away: it is not read until the next look, which is due now.
  void doubt(const std::string& why);
  /// Looks now. Called by the thread, and by tests in its place.
  void look();

  /// Of a listing: whether the replica answered it.
  void count(bool from_replica) { (from_replica ? from_replica_ : from_primary_).add(); }
  const Counter& from_replica() const { return from_replica_; }
  const Counter& from_primary() const { return from_primary_; }
  /// At most; nothing where it is not known.
  std::optional<Clock::duration> lag(Clock::time_point now) const;

 private:
  struct Mark {
    Clock::time_point at;  // the primary was there by then
    std::string position;
  };

  void watch();
  void mark_primary();
  void find_newest_applied();
  void lose(const std::string& why);
  std::string why() const;
  void say(bool usable, Clock::time_point now);

  const Look look_;
  const Duration lag_max_;
  Executor executor_;
  Counter from_replica_, from_primary_;
  std::deque<Mark> marks_;  // that it had not applied, the oldest in front; of the thread
  std::atomic<Clock::time_point> as_of_{Clock::time_point::min()};
  std::atomic<bool> in_use_ = false;
  std::optional<bool> said_;  // of the thread that calls expire()
  Clock::time_point started_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::string why_;  // it is not in use, beside being behind
  bool doubted_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace boxoffice::server
