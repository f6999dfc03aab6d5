// What the commands that load a server of somebody else do alike: the load itself, and the verdict
// from the clients' view.
#pragma once

#include <filesystem>
#include <string>

#include "harness/commands/commands.hpp"
#include "harness/live.hpp"
#include "harness/load/load.hpp"
#include "harness/run_directory.hpp"
#include "harness/wall_clock.hpp"
#include "properties/verdict.hpp"

namespace boxoffice::harness {

/// Runs the load, shown by `live`; the clock is looked at meanwhile. What could not even begin (too
/// few descriptors, say) leaves no run: `directory` is removed and EnvironmentBroke goes on.
load::LoadResult run_or_take_back(const load::LoadPlan& plan, RunDirectory& directory, Live& live,
                                  WallClock& wall_clock, const Context& context);

/// Judges the trial's history from the clients' view, stores the verdict, says it and returns it.
/// `replay`: how to make the run again, for a violation.
properties::Outcome judge_and_print(const std::filesystem::path& trial, const std::string& replay);

}  // namespace boxoffice::harness
