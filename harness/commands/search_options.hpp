// What a search is asked for: its flags, and what follows from them before anything is started.
#pragma once

#include <string>
#include <vector>

#include "harness/commands/options.hpp"
#include "harness/commands/search_probe.hpp"
#include "harness/load/plan.hpp"
#include "harness/scenario.hpp"

namespace boxoffice::harness {

struct SearchOptions {
  RunOptions run;
  DatabaseChoice database;
  std::string target, ca, adapter, tokens, path;
  std::vector<std::string> events;
  std::string strategy = "pessimistic";
  std::string scenario = "hot-event";
  std::vector<std::string> objectives;
  double errors = 0.01;
  std::int64_t connections = 64, threads = 1, pool = 64;
  std::int64_t first = 200, most = 100'000, repeats = 3;
  double precision = 0.05;
  Duration duration = std::chrono::seconds(2), warmup = std::chrono::milliseconds(300);
  Duration hold = std::chrono::minutes(5);
};

struct Context;  // commands.hpp

void add_search_flags(CLI::App& command, SearchOptions& options);
/// Throws UsageError: a flag that is of the other kind of server, private or --target.
void refuse_flags_of_others(const CLI::App& command, const SearchOptions& options,
                            Context& context);
/// Throws UsageError: figures that are out of range, or an objective that is no upper bound of a
/// response time.
void expect_sense(const SearchOptions& options);

/// The objectives as they are, or a UsageError.
std::vector<Threshold> objectives_of(const SearchOptions& options);
/// Per second. At a lower rate the longest measurement has too few samples to tell; no search goes
/// there. Throws UsageError where that leaves no rate.
double least_per_s(const SearchOptions& options);
/// Longer than asked for where a low rate would not carry the percentile.
Duration duration_at(const SearchOptions& options, double rate_per_s);
/// The scenario without what a search has of its own: rates, times, evidence.
Scenario scenario_of(const SearchOptions& options);
/// Of --target, at the first rate. Throws UsageError where it makes no sense.
load::LoadPlan target_plan(const SearchOptions& options, const Scenario& scenario);

}  // namespace boxoffice::harness
