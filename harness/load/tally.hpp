// One thread's figures: outcomes, histograms, time series. Merged once the threads have ended.
//
// The measured window is [t0, end): what completes inside counts for rates, and whatever started
// inside counts for latencies, however late it completes. What the live display shows is copied
// under a lock ten times a second; nothing else is shared.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "harness/load/load.hpp"
#include "harness/load/pacer.hpp"
#include "properties/history.hpp"

namespace boxoffice::load {

/// A completed operation, as the figures see it.
struct Finished {
  properties::Function f = properties::Function::read;
  Outcome outcome = Outcome::success;
  std::int64_t intended_ns = 0;
  std::int64_t sent_ns = 0;
  std::int64_t done_ns = 0;
  std::int64_t attempts = 0;        ///< 0: the reply did not say
  std::string_view transport_code;  ///< empty: a reply came
  bool counted = true;              ///< false: of the run, but in none of its figures
};

/// What the live display gets: the run so far, and the latencies since it was last taken.
struct Snapshot {
  OutcomeCounts outcomes;
  std::uint64_t in_flight = 0;
  Histogram recent{5};
};

/// A step of the time series of one thread.
struct Step {
  std::uint64_t started = 0;
  std::uint64_t finished = 0;
  std::uint64_t success = 0;
  std::uint64_t sold_out = 0;
  Histogram response{5};  // 3% is enough for a curve, and 60 times smaller
};

class Tally {
 public:
  Tally(std::int64_t step_ns, std::int64_t lag_bound_ns, const std::vector<Stage>& stages = {});

  /// Everything that starts from now on is measured.
  void begin_measuring(std::int64_t t0_ns) { t0_ns_ = t0_ns; }

  /// `possible_ns`: see Pacer.
  void started(std::int64_t sent_ns, std::int64_t possible_ns);
  /// `window_end_ns` as far as it is known by now: a run may be stopped early.
  void finished(const Finished& finished, std::int64_t window_end_ns);

  /// Due inside the measured window, and not sent by its end: for want of a connection, or because
  /// the generator was late itself. One that it could have sent up to its bound ago is neither.
  void never_sent(const Unsent& unsent, std::int64_t window_end_ns);

  void publish(std::uint64_t in_flight);
  /// Adds what was published to `into`; the latencies are handed over, not copied.
  void take_snapshot(Snapshot& into);

  /// Adds this thread's figures to the result: counts and histograms, no rates yet.
  void add_to(LoadResult& result, std::vector<Step>& steps) const;

  std::int64_t last_done_ns() const { return last_done_ns_; }
  std::uint64_t lagging() const { return lagging_; }
  /// Those of lagging() that were not even started.
  std::uint64_t left_lying() const { return left_lying_; }
  std::uint64_t attempts() const { return attempts_; }
  std::uint64_t attempted_successes() const { return attempted_successes_; }

 private:
  bool measuring() const { return t0_ns_ != 0; }
  Step& step_at(std::int64_t t_ns);
  void count_attempts(const Finished& finished);
  StageFigures& stage_figures_at(std::int64_t t_ns);
  void count_stage(const Finished& finished);

  std::int64_t step_ns_;
  std::int64_t lag_bound_ns_;
  std::int64_t t0_ns_ = 0;
  std::int64_t last_done_ns_ = 0;
  std::uint64_t started_ = 0;
  std::uint64_t unsent_ = 0;
  std::uint64_t lagging_ = 0;
  std::uint64_t left_lying_ = 0;
  std::uint64_t late_reads_ = 0;
  std::uint64_t attempts_ = 0;
  std::uint64_t attempted_successes_ = 0;
  OutcomeCounts outcomes_, late_outcomes_, run_outcomes_;
  std::array<OutcomeCounts, 4> by_function_;
  std::array<Latency, k_outcome_count> latency_;
  std::vector<Step> steps_;
  std::vector<Stage> stage_plan_;
  std::vector<StageFigures> stages_;
  std::map<std::string, std::uint64_t, std::less<>> transport_errors_;
  Histogram recent_{5};

  std::mutex mutex_;  // guards published_
  Snapshot published_;
};

}  // namespace boxoffice::load
