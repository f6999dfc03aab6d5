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

#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "harness/database/test_database.hpp"
#include "harness/fairness.hpp"
#include "harness/load/load.hpp"
#include "harness/trial_plan.hpp"
#include "properties/verdict.hpp"

namespace boxoffice::harness {

struct TrialOutcome {
  std::filesystem::path directory;
  properties::Verdict verdict;
  load::LoadResult load;
  std::optional<properties::Fault> fault;
  std::optional<Fairness> fairness;
  /// Why goodput is no measure of the server, though the generator did what it should: tickets or
  /// users ran out. Empty where they did not, or where that is not the metric.
  std::string ran_out;
  std::string broke;          ///< empty, or what of the environment broke: the trial is invalid
  bool server_ended = false;  ///< by itself: of its own making, and not of the environment's
  std::int64_t clock_moved_us = 0;  ///< by how much the machine's clock was set meanwhile
};

/// Whether a trial is to be measured again, once: its verdict is invalid, or the generator was not
/// up to it. Where tickets or users ran out they would the second time as well; and of a server
/// that ended by itself a second trial that passes would hide the first.
bool wants_repetition(const TrialOutcome& outcome);

/// Runs it and writes trial.json, history.jsonl, audit.jsonl, verdict.json, latency.hdr,
/// timeseries.csv, server.log into `directory`. Throws Interrupted once the servers are stopped,
/// where a stop was asked for, and what run_checked_load() throws; what breaks during the trial
/// makes it invalid and is said in `broke`.
TrialOutcome run_trial(const TrialSpec& spec, TestDatabase& database,
                       const std::vector<load::User>& users, const std::filesystem::path& directory,
                       const load::ProgressCallback& progress, std::stop_token stop);

}  // namespace boxoffice::harness
