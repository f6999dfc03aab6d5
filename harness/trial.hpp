// One trial: one variant under one load, from a fresh database to a verdict in a directory.
//
//   reset -> servers started with the strategy -> header -> load -> quiesce -> audit (SQL) ->
//   servers stopped -> judge
//
// Of several instances there is one history and one audit: the verdict is about what they sold
// together.
//
// The trial is the unit of everything that follows. Its directory holds all that a later judge or
// report needs.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "harness/database/test_database.hpp"
#include "harness/fairness.hpp"
#include "harness/faults/fault.hpp"
#include "harness/load/load.hpp"
#include "harness/scenario.hpp"
#include "harness/variant.hpp"
#include "properties/verdict.hpp"

namespace boxoffice::harness {

/// What a trial that is only judged has seen at least, where its scenario promises evidence.
inline constexpr std::int64_t k_operations_to_judge = 1'000;

struct TrialSpec {
  std::int64_t index = 0;
  std::int64_t round = 1;
  std::size_t database = 0;  ///< which of the run's databases
  Variant variant;
  Scenario scenario;
  std::int64_t connections = 0;
  std::int64_t threads = 1;
  std::int64_t instances = 1;  ///< servers on the one database, that each client asks in turn
  std::int64_t pool = 0;       ///< database connections of each server
  std::uint64_t seed = 1;
  bool repeated = false;
  bool compared = false;  ///< with other variants: its goodput must not be cut short by the supply
  /// The load outlasts its scenario's time until so many operations have ended, ten times that time
  /// at most: a verdict needs to have seen something, and how much happens in two seconds is the
  /// machine's affair. Not with stages.
  std::int64_t operations_min = 0;
  std::optional<FaultPlan> fault;  ///< what happens to server or database during the load

  /// "postgresql-pessimistic-hot-event-c64", with several instances "...-c64-i2"
  std::string directory_name(const std::string& engine) const;
};

struct TrialOutcome {
  std::filesystem::path directory;
  properties::Verdict verdict;
  load::LoadResult load;
  std::optional<properties::Fault> fault;
  std::optional<Fairness> fairness;
  std::string broke;  ///< empty, or what of the environment broke: the trial is invalid
};

/// Runs it and writes trial.json, history.jsonl, audit.jsonl, verdict.json, latency.hdr,
/// timeseries.csv, server.log into `directory`. Throws Interrupted once the servers are stopped,
/// where a stop was asked for; what breaks during the trial makes it invalid and is said in
/// `broke`.
TrialOutcome run_trial(const TrialSpec& spec, TestDatabase& database,
                       const std::vector<load::User>& users, const std::filesystem::path& directory,
                       const load::ProgressCallback& progress, std::stop_token stop);

/// The first lines of history.jsonl for a run against these events.
properties::Header history_header(const std::string& run_id, std::uint64_t seed,
                                  const Scenario& scenario,
                                  const std::vector<std::int64_t>& events);

load::LoadPlan load_plan(const TrialSpec& spec, const std::vector<std::string>& targets,
                         const std::vector<load::User>& users,
                         const std::vector<std::int64_t>& events,
                         const std::filesystem::path& history);

}  // namespace boxoffice::harness
