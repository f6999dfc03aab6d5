// How good the load generator itself is: its rate beside wrk's, what recording costs it, and how
// late it sends at half of that rate.
//
// All on GET /livez with 64 connections, because a request that costs next to nothing itself shows
// the generator's own share at its largest. Recording's cost is of four runs with, without,
// without, with: what drifts while it goes on, a machine that warms up or gets busier, falls on
// both alike.
#pragma once

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>

#include "harness/load/load.hpp"
#include "harness/units.hpp"

namespace boxoffice::harness {

/// Rates in requests a second.
struct GeneratorFigures {
  double wrk = 0;
  double generator = 0;   ///< closed loop, with a history
  double recording = 0;   ///< the same, interleaved with
  double silent = 0;      ///< the same without a history
  double lag_p99_ms = 0;  ///< open loop at half of `generator`, with a history
};

/// `wrk_first`: which of the two meets the server just started; callers take turns. Takes five
/// times `duration` and a second. `scratch` holds the histories meanwhile, on the disk that a run
/// would use. `step` is told what is measured next. Throws what run_checked_load() throws,
/// Interrupted, and EnvironmentBroke where nobody answers, or too few for a p99.
GeneratorFigures measure_generator(const std::string& target, Duration duration,
                                   const std::filesystem::path& scratch, bool wrk_first,
                                   const std::function<void(const std::string&)>& step,
                                   const load::ProgressCallback& progress, std::stop_token stop);

}  // namespace boxoffice::harness
