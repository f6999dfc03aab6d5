// From the threads' tallies to the result: merging, rates, and whether the figure may be used.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "harness/load/load.hpp"
#include "harness/load/run_state.hpp"
#include "harness/load/worker.hpp"

namespace boxoffice::load {

/// More than this share of the requests lagging makes a figure invalid.
inline constexpr double k_lagging_share_max = 0.01;
/// A generator thread busier than this, or so long without the processor that it wanted, cannot
/// have kept up: what it noticed late stands in the response times as if the server had been late.
inline constexpr double k_busy_share_max = 0.95;

/// After the threads have ended. `begin_ns` is when the run began (for run_s).
LoadResult summarise(const LoadPlan& plan, const RunState& state,
                     const std::vector<std::unique_ptr<Worker>>& workers, std::int64_t begin_ns);

/// Sets figure_valid and figure_why from the rest of the result: a generator that could not keep
/// up, a history that is incomplete, a window that never opened, an interruption.
void judge_figure(const LoadPlan& plan, LoadResult& result);

/// Why goodput is no measure of the server: every event was sold out, or more than one reply in a
/// hundred of the measured window was "sold out". Empty: there were tickets to the end.
std::string tickets_ran_out(const LoadResult& result);

/// Why goodput is no measure of the server: more than one reserve in a hundred found its user's own
/// hold, for every user had bought already. Empty: there were users to the end, or the plan means
/// it so (users who stay, requests sent again).
std::string users_ran_out(const LoadPlan& plan, const LoadResult& result);

}  // namespace boxoffice::load
