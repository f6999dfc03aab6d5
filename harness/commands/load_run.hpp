// What `load` and `merge` do alike with a run that is over: its latencies as a table, its verdict.
#pragma once

#include <filesystem>
#include <string>

#include "harness/load/load.hpp"

namespace boxoffice::harness {

/// "1.23", or "-" where the samples do not carry it; 100: the largest.
std::string percentile_ms_text(const load::Histogram& histogram, double percent);

/// Service, response and lag in milliseconds, p50 to p99.99 where there are samples for it.
void print_latency_table(const load::Latency& latency);

/// Judges the trial's history from the clients' view, stores the verdict and says it. Returns the
/// exit code. `replay`: how to make the run again, for a violation.
int judge_and_print(const std::filesystem::path& trial, const std::string& replay);

}  // namespace boxoffice::harness
