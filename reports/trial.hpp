// trial.json as a value: one variant under one load in one round, its verdict and its figures.
//
// The trial is the unit of everything: statistics pair trials of the same round, the summary's
// verdict is the worst of the trials', and a figure belongs to a trial that passed or is no figure
// at all (see shows_figures).
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "properties/names.hpp"
#include "reports/json_fields.hpp"

namespace boxoffice::reports {

/// What a scenario is compared on: where tickets run out everyone sells all, so the time to do so
/// counts.
enum class Metric { goodput, time_to_sell_out };

/// Milliseconds, of the successful operations of the measured window; absent where the samples do
/// not carry it.
struct Latency {
  std::int64_t count = 0;
  std::optional<double> p50, p90, p95, p99, p999, max;
};

struct Outcomes {
  std::int64_t success = 0, existing = 0, sold_out = 0, refused = 0, conflict = 0;
  std::int64_t lock_timeout = 0, overload = 0, error = 0, indeterminate = 0;

  std::int64_t total() const {
    return success + existing + sold_out + refused + gave_up() + overload + error + indeterminate;
  }
  /// Requests that the strategy itself gave up on: retries exhausted, lock not had in time.
  std::int64_t gave_up() const { return conflict + lock_timeout; }
  /// Who came for a ticket and went without one, and without being told that there is none: he may
  /// ask again, and his response time begins anew. Of all requests, 0..1.
  double unanswered_share() const;
  Outcomes& operator+=(const Outcomes& other);
};

/// Of the reserves that made a hold, one part of their time, in milliseconds.
struct PartTime {
  double mean = 0;
  std::optional<double> p50, p90, p99;
};

/// What the database did in the measured window, as far as it says.
struct DatabaseActivity {
  double window_s = 0;
  std::int64_t successes = 0, samples = 0;
  double sampling_share = 0;           ///< of the window, that asking took
  std::optional<double> waiting_mean;  ///< sessions that waited for a lock, sampled
  std::optional<std::int64_t> lock_waits, log_bytes;
  std::optional<double> lock_wait_ms;
};

/// Of the requests that were due in one stage of an open loop; goodput of what succeeded while it
/// lasted.
struct StageFigures {
  double from_per_s = 0, to_per_s = 0, duration_s = 0, measured_s = 0;
  std::int64_t sent = 0;
  std::int64_t unsent = 0;  ///< due in it, but no connection came free
  std::optional<double> goodput_per_s;
  Outcomes outcomes;
  Latency service, response, schedule_lag;
};

struct Trial {
  std::string directory;  ///< the name below trials/
  std::int64_t index = 0, round = 0;
  bool control = false;                ///< a deliberately broken strategy: it must be caught
  std::vector<std::string> caught_by;  ///< by one of these invariants; empty: by any
  bool repeated = false;               ///< the second attempt of a trial that came out invalid
  std::string database, strategy, variant, scenario;
  NamedTexts scenario_settings;        ///< what the scenario asked for; empty in older runs
  std::int64_t event_concurrency = 0;  ///< 0: unlimited
  std::string twin_of;  ///< of a self-comparison: the variant that this one repeats; else empty
  double planted = 0;   ///< of a twin: how many requests came to each that counts
  Metric metric = Metric::goodput;
  std::int64_t connections = 0, threads = 0;
  std::int64_t instances = 1;  ///< servers on the one database
  bool open_loop = false;
  std::optional<double> offered_per_s;
  double warmup_s = 0, duration_s = 0, measured_s = 0;  ///< duration_s: as planned
  double started_per_s = 0, goodput_per_s = 0;
  /// Open loop: due in the window, but no connection came free. Its response time counts as what it
  /// had waited by the window's end.
  std::int64_t unsent = 0;
  std::optional<double> time_to_sell_out_s;
  Outcomes outcomes;
  Latency service, response, schedule_lag;
  std::optional<double> attempts_per_success;
  std::int64_t attempted_successes = 0;  ///< that those are per: of a mix with reads, not the reads
  std::optional<std::int64_t> deadlocks;  ///< as the database counted them, where it was asked
  std::optional<double> fairness;  ///< Jain's index over the users' successes, where it was taken
  std::int64_t holds_made = 0;     ///< that `reserve_times` are about
  std::map<std::string, PartTime> reserve_times;  ///< by part; empty where the server did not say
  std::optional<DatabaseActivity> activity;
  std::vector<StageFigures> stages;           ///< of a load with stages
  std::optional<double> commits_per_success;  ///< of the whole trial
  /// Of the reserves that made a hold, all their tries together, as the server's sessions counted.
  std::optional<double> statements_per_success, round_trips_per_success;
  properties::Outcome verdict = properties::Outcome::unknown;
  std::vector<properties::Violation> violations;
  std::vector<std::string> not_attempted;  ///< what its verdict does not cover, from verdict.json
  std::string verdict_why;  ///< of an unknown or invalid verdict, from verdict.json; else empty
  bool figure_valid = false;
  std::string figure_why;
  /// Why response times and lags are lower bounds: what was due was never sent. Then they have no
  /// percentiles here; how much was sold stands. Empty: they are figures.
  std::string latency_why;
  std::string durability, storage, isolation;
  std::int64_t pool = 0, hold_ms = 0;
  std::uint64_t seed = 0;
  /// Another trial of the run stands for it: it came out invalid and was repeated, or it is an
  /// earlier lap of a control that runs until it is caught.
  bool superseded = false;
  /// Its variant violated an invariant in this or another trial of the run on this database: it
  /// sold what does not exist, and its speed at that is of no use.
  bool disqualified = false;

  /// Requests that were due in the window, sent or not.
  std::int64_t due() const;

  /// Of a control: the first violation of an invariant named for its bug; null where there is none.
  const properties::Violation* catching() const;
  bool caught() const { return catching() != nullptr; }
  /// The violation to name where there is room for one: of a caught control the one that caught it,
  /// else the first; null where there is none.
  const properties::Violation* shown_violation() const;

  /// Whether its figures may be shown as results: verdict pass, figure valid, no control, not
  /// disqualified.
  bool shows_figures() const;

  /// The trial's figure by its scenario's metric. Absent unless the trial shows_figures() and is
  /// not superseded. Tickets that were to run out and did not are +infinity, and nothing
  /// sold is a goodput of 0: both are results, and bad ones.
  std::optional<double> figure() const;

  /// Seconds within which the tickets were to run out and did not; absent where they did, where
  /// that is not the metric, and where there is no figure.
  std::optional<double> censored_at_s() const;
};

/// Throws DamagedRun.
Trial parse_trial(const boost::json::value& value, const std::string& where);

std::string_view metric_name(Metric metric);

}  // namespace boxoffice::reports
