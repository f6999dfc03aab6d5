// Looks for a plan that a strategy does not survive, and makes it small.
//
// One run shows one interleaving, so each plan is run several times, and again where it failed, to
// see how reliably it does. Shrinking is greedy and bounded: the first smaller plan that fails as
// well is taken, until none does or the bound is reached. Every failure of a search is kept, with
// its plan, history and rows, so that a race that never shows again is still there to be read
// (`boxoffice analyze DIRECTORY` judges it anew).
#pragma once

#include <filesystem>
#include <optional>

#include "tests/strategies/concurrent_run.hpp"

namespace boxoffice::tests {

struct SearchBounds {
  int plans = 8;           ///< to be drawn
  int repeats = 25;        ///< of each plan, until it fails
  int repeats_after = 10;  ///< more of one that failed
  std::chrono::milliseconds shrinking{10'000};
};

/// A plan that failed, and one of its failures.
struct FailingPlan {
  ConcurrentPlan plan;
  PlanRun run;
  properties::Violation violation;
  int failed = 0, runs = 0;  ///< of those after the first failure, that one included
};

class PlanSearch {
 public:
  /// Failing is to violate one of `invariants`, or any where there are none. Failures are kept in
  /// new directories below `kept`; an empty one keeps none.
  PlanSearch(PlanRunner& runner, const SearchBounds& bounds, std::vector<std::string> invariants,
             std::filesystem::path kept);

  /// Draws plans from the seed until one fails, and shrinks it. Nothing: none failed.
  std::optional<FailingPlan> find(std::uint64_t seed);

 private:
  std::optional<FailingPlan> try_plan(const ConcurrentPlan& plan);
  FailingPlan shrink(FailingPlan failing);
  void keep(const ConcurrentPlan& plan, const PlanRun& run);

  PlanRunner& runner_;
  SearchBounds bounds_;
  std::vector<std::string> invariants_;
  std::filesystem::path kept_;
  int kept_count_ = 0;
};

/// The plan, how often it failed, the invariant and what contradicts it, and what the threads saw.
std::string text_of(const FailingPlan& failing);

}  // namespace boxoffice::tests
