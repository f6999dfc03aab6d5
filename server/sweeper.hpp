// The sweep: gives back the tickets of holds that are over, in the background and when asked.
//
// One thread with a connection of its own, which also carries the leader lock: a session's advisory
// lock dies with the session, so a crashed leader blocks nobody. Never twice at once, here or on
// another instance; but nothing relies on that, for each release is conditional on its row.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "server/executor.hpp"
#include "server/identity_check.hpp"
#include "server/units.hpp"
#include "strategies/failure.hpp"
#include "strategies/strategy.hpp"

namespace boxoffice::server {

/// How the passes of this instance ended so far.
struct SweepCounts {
  Counter succeeded;
  Counter led_by_another;  ///< another instance was at it
  Counter failed;
  /// Of the last pass that succeeded; the epoch where none has yet.
  std::atomic<std::chrono::sys_seconds> last_success{};
};

class Sweeper {
 public:
  /// An interval of zero: only when asked.
  Sweeper(const strategies::Strategy& strategy, Executor::Connect connect, Duration interval);
  ~Sweeper() { stop(); }

  void start();
  /// Between two batches; joins. Again: does nothing.
  void stop();
  /// Runs the job on the sweeper's thread now, or refuses it where a sweep runs already.
  void submit(Job& job);
  /// Releases everything that is due; what it cannot release of one event keeps it from no other.
  /// Nothing where another instance sweeps. Called by a job of submit() with its connection. Throws
  /// Failure, also for the first event of which something is left.
  std::optional<std::int64_t> pass(strategies::Connection& connection);
  const SweepCounts& counts() const { return counts_; }
  const IdentityCheck& identity() const { return identity_; }

 private:
  struct Released {
    std::int64_t reservations = 0;
    /// Of the first event that could not be swept, or what ended the pass.
    std::optional<strategies::Failure> failure;
  };
  void work();
  void background_pass();
  void prune();
  bool is_wanted();
  void note_success();
  std::optional<Released> sweep(strategies::Connection& connection);
  Released release_all(strategies::Connection& connection);
  void release_each(strategies::Connection& connection, Released& released);
  void try_event(strategies::Connection& connection, strategies::EventId event, Released& released);
  void release_event(strategies::Connection& connection, strategies::EventId event,
                     Released& released);

  const strategies::Strategy& strategy_;
  const Executor::Connect connect_;
  const Duration interval_;
  std::unique_ptr<strategies::Connection> connection_;
  std::mutex mutex_;
  std::condition_variable wake_;
  Job* asked_ = nullptr;
  bool busy_ = false;
  bool led_ = false;  ///< since something was pruned; the sweeper's thread's own
  std::atomic<bool> stopping_ = false;
  SweepCounts counts_;
  IdentityCheck identity_;
  std::thread thread_;
};

}  // namespace boxoffice::server
