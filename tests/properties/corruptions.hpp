// Corruptions: single changes that turn a correct run into one that must be rejected.
//
// Each stands for a way in which a server (or its database) lies: it changes one fact and, where
// the lie would be told consistently, everything that follows from it.
#pragma once

#include <random>
#include <span>

#include "simulator.hpp"

namespace boxoffice::properties::simulation {

struct Corruption {
  const char* name;
  /// False where the run has nothing to corrupt like that; the run is then unchanged.
  bool (*apply)(Simulated& run, std::mt19937_64& random);
};

std::span<const Corruption> reply_corruptions();
std::span<const Corruption> row_corruptions();
std::span<const Corruption> trail_corruptions();

/// Blind changes, which may leave a run correct: a number off by one, a moment shifted, a reply for
/// another, a row in another state. For comparing two judges, whatever they say.
std::span<const Corruption> scrambles();

}  // namespace boxoffice::properties::simulation
