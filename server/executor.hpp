// Blocking work on a fixed number of threads, one database connection each, with admission per key.
//
// Transactions on one hot row do not get faster when more of them wait inside the database: they
// get slower. So at most K jobs of one key (an event) are handed to threads, or a single one where
// that works off the line sooner (lane_width.hpp); the others wait in that key's own line, in
// memory, where waiting is free, and they take no thread from other keys.
// The thread that finishes a job takes the next one itself: a hand-off to another thread, or a way
// back through the I/O thread, would leave the hot row idle in between.
//
// Every wait is bounded, and whoever cannot be served is told at once, not when the wait is over: a
// newcomer is refused where the line before it is longer than what can be worked off in time. How
// long that takes is reckoned from how long jobs have run of late. A rush, of which the line is
// young, may take most of what its deadline leaves; a line that has lasted is no rush but overload,
// where a long line sells no more than a short one, and only `queue_wait` of it is let in
// (docs/decisions/0035-a-line-is-as-long-as-its-wait.md). A full queue refuses at once, too, and
// expire(), which a timer calls, refuses what has waited past its deadline nevertheless. How long
// jobs waited, for metrics, is measured here, those that were refused too late included.
#pragma once

#include <atomic>
#include <boost/intrusive/list.hpp>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include "server/counters.hpp"
#include "server/lane_width.hpp"
#include "server/run_times.hpp"
#include "strategies/database.hpp"

namespace boxoffice::server {

using Clock = std::chrono::steady_clock;

enum class Refused { overloaded, shutting_down, sweep_running, database_away };

/// A unit of work. Exactly one of run and refuse is called, exactly once, on any thread; the job
/// may be gone when it returns. The owner keeps it alive until then.
class Job {
 public:
  virtual ~Job() = default;
  /// Whether it changed the row of its key, up to a COMMIT.
  virtual bool run(strategies::Connection& connection) = 0;
  virtual void refuse(Refused why) = 0;

  std::int64_t key = 0;  ///< above 0: an event; below: a crowd without a row; 0: no admission
  Clock::time_point deadline = Clock::time_point::max();

  /// How long it waited in the line of its key, and then for a thread; of one that has begun to
  /// run.
  Clock::duration admission_wait() const { return admitted_ - submitted_; }
  Clock::duration pool_wait() const { return begun_ - admitted_; }

 private:
  friend class Executor;
  using Hook = boost::intrusive::list_member_hook<>;
  Hook in_line_;  // of *line_: the ready ones, or those of a lane
  Hook by_age_;
  using Line =
      boost::intrusive::list<Job, boost::intrusive::member_hook<Job, Hook, &Job::in_line_>>;
  using ByAge =
      boost::intrusive::list<Job, boost::intrusive::member_hook<Job, Hook, &Job::by_age_>>;
  Line* line_ = nullptr;
  bool in_lane_ = false;
  Clock::time_point submitted_;
  Clock::time_point admitted_;  // to ready_
  Clock::time_point begun_;
};

struct ExecutorLimits {
  int threads = 16;
  std::int64_t queue = 10'000;  ///< jobs that wait, over all keys
  int per_key = 2;              ///< K, at most: see lane_width.hpp; 0: unlimited
  /// What a newcomer to a line that has lasted may have to expect; 0: whatever it is.
  std::chrono::microseconds queue_wait = std::chrono::milliseconds(500);
};

class Executor {
 public:
  /// As of a moment ago.
  struct State {
    std::int64_t waiting = 0;  ///< for admission or for a thread
    std::int64_t ready = 0;    ///< of these, admitted: they wait for a thread
    std::int64_t running = 0;
  };
  using Connect = std::function<std::unique_ptr<strategies::Connection>()>;
  using OnStart = std::function<void(strategies::Connection&)>;

  using Now = Clock::time_point (*)();

  /// `now` is another clock in tests.
  Executor(const ExecutorLimits& limits, Connect connect, Now now = Clock::now);
  /// Stops.
  ~Executor();

  /// Starts the threads. Each calls `on_start` with its connection first; what that throws on any
  /// of them is thrown here, when all have tried.
  void start(const OnStart& on_start);
  void submit(Job& job);
  /// Refuses the waiting jobs whose deadline is at or before `now`.
  void expire(Clock::time_point now);
  /// Refuses what waits now.
  void turn_away(Refused why);
  /// Refuses what waits and what comes, without waiting for what runs.
  void refuse_waiting();
  /// The same, then lets the running jobs end and joins the threads. Again: does nothing.
  void stop();
  /// Jobs that wait, as of a moment ago.
  std::int64_t waiting() const { return waiting_.load(std::memory_order_relaxed); }
  /// Jobs that wait or run.
  std::int64_t unfinished() const;
  State state() const;
  /// How many of a key a line is worked off with best, as far as is known; 0: unlimited.
  int width() const;
  const ExecutorLimits& limits() const { return limits_; }
  /// In the line of its key, of every job that has one where keys are limited.
  const LatencyHistogram& admission_wait() const { return admission_wait_; }
  /// For a thread and its connection, once admitted.
  const LatencyHistogram& pool_wait() const { return pool_wait_; }

 private:
  struct Lane {
    LaneWidth width;
    int admitted = 0;  // ready or running
    Job::Line line = {};
    Clock::time_point since = {};  // when somebody last found the line empty and began it
    RunTimes times_of_place = {};  // a run's time by how many ran beside it

    bool is_full() const { return admitted >= width.value(); }
  };
  struct Worker {
    std::unique_ptr<strategies::Connection> connection;
    std::condition_variable wake;
    bool awake = true;
    std::thread thread;
  };

  void begin(Worker& worker, const OnStart& on_start);
  void work(Worker& worker);
  bool would_wait_too_long(const Job& job) const;
  void make_ready(Job& job);
  struct Run {
    Clock::time_point begun;
    Clock::time_point ended = {};
    bool changed_row = false;
  };
  void observe_run(std::int64_t key, const Run& run);
  WidthKnowledge known_of(std::int64_t key) const;
  Worker* admit_or_line_up(Job& job);
  void remember_age(Job& job);
  void forget(Job& job);
  void observe_wait(Job& job, Clock::time_point now, bool admitted);
  void leave_lane(std::int64_t key);
  void wake_one();
  Job& take_oldest();

  const ExecutorLimits limits_;
  const Connect connect_;
  const Now now_;
  mutable std::mutex mutex_;
  bool stopping_ = false;
  Job::Line ready_;                // admitted, in order
  Clock::time_point ready_since_;  // when ready_ was last empty and somebody came
  RunTimes run_times_, times_of_places_;
  WidthKnowledge widths_;
  Job::ByAge by_age_;  // all that wait, the earliest deadline in front
  std::unordered_map<std::int64_t, Lane> lanes_;
  std::atomic<std::int64_t> waiting_ = 0;  // written under the lock
  std::int64_t running_ = 0;
  std::vector<Worker*> idle_;  // the last one that became idle is woken first: its caches are warm
  std::vector<std::unique_ptr<Worker>> workers_;
  int starting_ = 0;
  std::condition_variable started_;
  std::exception_ptr start_failure_;
  LatencyHistogram admission_wait_;
  LatencyHistogram pool_wait_;
};

}  // namespace boxoffice::server
