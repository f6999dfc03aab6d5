// The load generator: runs a plan against a server, records every operation, returns the figures.
//
//   plan -> preflight -> per thread: pacer -> traffic -> client -> classify -> recorder, tally ->
//   result
//
// Each thread has its own connections, pacer, histograms and recording buffer; they share only the
// counters of record numbers and process numbers. The generator judges nothing about correctness:
// that reads the file it wrote. What it does judge is itself, in `figure_valid`.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "harness/load/histogram.hpp"
#include "harness/load/outcome.hpp"
#include "harness/load/plan.hpp"

namespace boxoffice::load {

/// The three figures of a request: sent to parsed; intended start to parsed (free of coordinated
/// omission); intended start to sent. In a closed loop the intended start is the sending.
struct Latency {
  Histogram service;
  Histogram response;
  Histogram schedule_lag;

  void merge(const Latency& other) {
    service.merge(other.service);
    response.merge(other.response);
    schedule_lag.merge(other.schedule_lag);
  }
};

/// One step of the time series of the measured window. Counts are of that step, not cumulative.
struct TimeseriesPoint {
  double t_s = 0;  ///< the step's end, counted from the start of the measured window
  std::uint64_t started = 0;
  std::uint64_t success = 0;
  std::uint64_t sold_out = 0;
  std::uint64_t other = 0;
  std::uint64_t in_flight = 0;        ///< at the step's end
  std::optional<double> p50_ms = {};  ///< response time of the successes that completed in the step
  std::optional<double> p99_ms = {};
};

/// Whether the history on disk is complete.
struct RecorderStatus {
  bool ok = true;
  std::string error;  ///< the first write error ("No space left on device"); the run was stopped
  std::uint64_t entries = 0;
  std::uint64_t bytes = 0;
};

/// Of one stage of an open loop: of the requests that were due in it, whenever they were answered;
/// but its goodput is of what was answered while it lasted, whenever that was due. A rush whose
/// successes come after its end is nothing that the server can do for as long as a rush lasts.
struct StageFigures {
  Stage stage;
  double measured_s = 0;  ///< of the stage; shorter than planned where the run ended in it
  OutcomeCounts outcomes;
  std::uint64_t unsent = 0;     ///< due in it, but no connection came free
  Latency latency;              ///< of the successes, and of the unsent as in LoadResult
  std::uint64_t succeeded = 0;  ///< successes that completed while it lasted

  /// succeeded / measured_s; absent where the run ended before the stage.
  std::optional<double> goodput_per_s() const {
    if (measured_s <= 0) return std::nullopt;
    return static_cast<double>(succeeded) / measured_s;
  }
};

/// Why percentiles are lower bounds and no figures: of all that was due more than one in a hundred
/// was never sent. Empty: they are figures.
std::string unsent_why(std::uint64_t unsent, std::uint64_t started);

struct LoadResult {
  bool open_loop = false;
  bool interrupted = false;          ///< the caller's stop token ended it
  double measured_s = 0;             ///< length of the measured window
  std::int64_t window_begin_ns = 0;  ///< its begin, on the clock of the history
  double run_s = 0;  ///< first invocation to the last completion, warm-up and drain included

  OutcomeCounts outcomes;       ///< operations that completed inside the measured window
  OutcomeCounts late_outcomes;  ///< started inside it, completed (or were abandoned) after its end
  OutcomeCounts run_outcomes;   ///< the whole run
  std::array<OutcomeCounts, 4> by_function;  ///< as `outcomes`; index: properties::Function
  const OutcomeCounts& of(properties::Function f) const {
    return by_function[static_cast<std::size_t>(f)];
  }
  std::uint64_t late_reads = 0;  ///< of `late_outcomes`, reads that succeeded
  /// Reserves, purchases and cancels that succeeded, of those that started in the measured window:
  /// what attempts, locks and log bytes are counted for. A read has none of them.
  std::uint64_t changes() const {
    return outcomes[Outcome::success] + late_outcomes[Outcome::success] -
           of(properties::Function::read)[Outcome::success] - late_reads;
  }
  std::uint64_t started = 0;  ///< in the measured window
  std::uint64_t unsent = 0;   ///< open loop: due inside the window, but no connection came free
  double started_per_s = 0;
  double goodput_per_s = 0;  ///< outcomes[success] / measured_s

  /// Of the operations that started in the measured window, late ones included (leaving those out
  /// would flatter the tail). latency[index_of(Outcome::success)] is the one to publish: its
  /// response time and lag hold the unsent as well, each with the time that it had waited when the
  /// window ended, which is less than it would have taken.
  std::array<Latency, k_outcome_count> latency;
  const Latency& success_latency() const { return latency[index_of(Outcome::success)]; }

  /// From the first invocation of a reserve to the moment when every event was known to be sold
  /// out: the reply that took its last ticket or its first sold_out, whichever came first.
  std::optional<double> time_to_sell_out_s;
  /// Transaction attempts (X-Transaction-Attempts) of successes and of what was given up after
  /// conflicts or lock timeouts, per success. Absent where the server does not say.
  std::optional<double> attempts_per_success;
  std::uint64_t attempted_successes = 0;  ///< whose replies said so: what that is divided by
  std::vector<TimeseriesPoint> timeseries;
  std::vector<StageFigures> stages;  ///< of a plan with stages

  std::string unsent_why() const { return load::unsent_why(unsent, started); }

  /// The generator did what it was asked for; whether the server let it is unsent_why().
  bool figure_valid = true;
  std::string figure_why;    ///< why not; empty otherwise
  double lagging_share = 0;  ///< requests that the generator itself sent later than lag_bound
  double cpu_share_max = 0;  ///< of the busiest generator thread, in the measured window
  double cpu_wait_share_max =
      0;                      ///< time the thread that waited most spent runnable but not running
  double busy_share_max = 0;  ///< both together, of the thread with the largest sum

  /// How many of its users a connection has acted as, at most: of the plan's users those beyond
  /// rounds x connections are as they were.
  std::size_t user_rounds = 0;

  std::int64_t memory_peak_bytes = 0;  ///< of the whole process, so far

  std::map<std::string, std::uint64_t> transport_errors;  ///< "connection_reset" -> how many
  RecorderStatus recorder;
};

/// What a terminal wants to show, about four times a second.
struct Progress {
  bool warming_up = false;
  std::size_t stage = 0, stages = 0;  ///< the present one of so many, from 1; 0: there are none
  double due_per_s = 0;               ///< in that stage, now
  double elapsed_s = 0;
  double left_s = 0;
  double completed_per_s = 0;  ///< since the last call
  std::uint64_t in_flight = 0;
  std::optional<double> p50_ms;  ///< response time of successes, about the last second
  std::optional<double> p99_ms = {};
  OutcomeCounts outcomes;  ///< of the run so far
};

using ProgressCallback = std::function<void(const Progress&)>;

/// Runs the plan; returns once everything in flight has completed or was given up as indeterminate.
/// `progress` is called on the caller's thread and may be empty. A stop request ends the run early
/// (no new operations, drain, result with `interrupted`). Throws std::invalid_argument for a plan
/// that makes no sense, std::runtime_error where the environment does not allow it (file
/// descriptors, ports, the history file cannot be opened).
LoadResult run_load(const LoadPlan& plan, const ProgressCallback& progress = {},
                    std::stop_token stop = {});

}  // namespace boxoffice::load
