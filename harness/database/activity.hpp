// What a database does while it is loaded, as it says itself: commits, deadlocks, lock waits, bytes
// of its log. Read at the ends of the measured window, and sampled in between.
//
// Engines tell different things. PostgreSQL keeps no sum of the lock waits that ended, so how many
// sessions wait is what its samples are for; InnoDB keeps sums of the whole server. What an engine
// does not tell is absent, never 0. PostgreSQL's sessions report commits and deadlocks at most once
// a second, so that its samples of these run late.
//
// Sampling must not distort what it measures: where the quickest answer so far took t, questions
// are 100 t apart, so that they cost the database at most 1% of one session's time. The quickest,
// since on a busy machine an answer waits its turn, and that costs the database nothing.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "harness/database/sql.hpp"

namespace boxoffice::harness {

/// Counters since the server started (PostgreSQL: of this database), and how many sessions wait.
struct Activity {
  std::optional<std::int64_t> commits, rollbacks, deadlocks, lock_waits, lock_wait_ms, log_bytes;
  std::optional<std::int64_t> waiting;  ///< sessions that wait for a lock now
};

/// Throws SqlError.
Activity read_activity(Sql& session);

class ActivityWatch {
 public:
  struct Sample {
    double t_s = 0;  ///< since begin()
    Activity now;
  };
  struct Figures {
    Activity change;  ///< from the first to the last sample; `waiting` is absent
    std::optional<double> waiting_mean;
    double window_s = 0;
    std::size_t samples = 0;
    /// Of the window: the questions in it times the quickest answer. The first and the last are
    /// asked while nothing is in flight, and cost the measured operations nothing.
    double sampling_share = 0;
  };

  /// Connects, so that begin() takes little time; one that cannot takes no samples.
  explicit ActivityWatch(const std::string& url);
  ~ActivityWatch() { stop(); }
  ActivityWatch(const ActivityWatch&) = delete;
  ActivityWatch& operator=(const ActivityWatch&) = delete;

  /// The first sample, then more on a thread of its own. What fails ends the sampling.
  void begin() noexcept;
  /// The last sample; joins the thread.
  void end();
  /// How many there are, also while it runs.
  std::size_t samples();

  /// Nothing where fewer than two samples could be taken.
  std::optional<Figures> figures() const;
  /// With a heading line; counters since the first sample, empty where the engine does not say.
  std::string csv() const;

 private:
  using Clock = std::chrono::steady_clock;

  void stop();
  void watch();
  bool sample();  // false: the database did not answer

  std::optional<Sql> session_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  Clock::time_point begin_{};
  Clock::duration quickest_ = Clock::duration::max();
  std::vector<Sample> samples_;
  std::thread thread_;
};

}  // namespace boxoffice::harness
