// Which trials a comparison runs, and in which order.
//
// Every round holds each variant once in each cell (a scenario at a number of connections and an
// offered rate) on each database. Within a cell they follow a Latin square that is balanced for
// neighbours (Williams 1949): over as many rounds as there are variants (twice as many where their
// number is odd) each is in each place equally often, and follows each other one equally often, so
// that what a trial leaves to the next one (a warm cache, a disk that is behind) falls on all
// alike. Who is who in it is drawn by the seed. The cells' own order is shuffled anew in each
// round. One cell may be there twice, the second time on several servers: what a strategy does
// there is held against the same round's trial on one.
#pragma once

#include <string>
#include <vector>

#include "harness/trial.hpp"

namespace boxoffice::harness {

struct PlanRequest {
  std::vector<Scenario> scenarios;  ///< rising in contention
  std::vector<Variant> variants;    ///< sound ones
  std::vector<Variant>
      controls;  ///< once a round each, on the last scenario given in `control_scenario`
  std::string control_scenario;
  std::size_t databases = 1;
  std::int64_t rounds = 3;
  std::int64_t threads = 1;
  std::int64_t pool_max = 64;  ///< of all servers of a trial together
  /// Servers of the trials that ask whether servers scale: once more a round, and on so many, run
  /// `on_instances` (names of variants) in the least contended cell whose goodput counts, at its
  /// most connections. 1: no such trials.
  std::int64_t instances = 1;
  std::vector<std::string> on_instances;
  std::uint64_t seed = 1;
};

/// In the order of execution; TrialSpec::index counts from 1. A pure function of the request.
std::vector<TrialSpec> make_plan(const PlanRequest& request);

}  // namespace boxoffice::harness
