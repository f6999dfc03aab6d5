// What recording costs the load generator: the same requests with and without a history.
//
// GET /livez, because a request that costs next to nothing itself shows the recorder's share at its
// largest. One measurement is the four runs with, without, without, with: what drifts while it goes
// on, a machine that warms up or gets busier, falls on both alike.
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>

#include "harness/load/load.hpp"
#include "harness/units.hpp"

namespace boxoffice::harness {

/// Rates of the generator, requests a second.
struct RecordingCost {
  double recording = 0;
  double silent = 0;
};

/// Takes twice `duration`. `scratch` holds the history meanwhile, on the disk that a run would use.
/// Throws what run_load() throws.
RecordingCost measure_recording(const std::string& target, Duration duration,
                                const std::filesystem::path& scratch,
                                const load::ProgressCallback& progress, std::stop_token stop);

}  // namespace boxoffice::harness
