// What the rules of the seed's tables go by: the run, its scenarios in their order, how two
// strategies stand to each other in a cell, and what several cells say together.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "reports/seed_table.hpp"

namespace boxoffice::reports {

/// The strategies that the seed compares, in the order of its columns.
inline constexpr std::array<const char*, 3> k_seed_strategies{"pessimistic", "optimistic",
                                                              "atomic"};

struct SeedEvidence {
  const Run& run;
  const Summary& summary;
  std::string database;
  std::vector<ScenarioFacts>
      scenarios;  ///< by rising contention; the seed's own, reads and open loops left out
};

SeedEvidence seed_evidence(const Run& run, const Summary& summary, const std::string& database);

/// The figures of a variant in a cell; null where it has none there.
const VariantFigures* seed_figures(const Cell& cell, const std::string& variant);

/// A claim that several cells bear on.
struct SeedTally {
  int agree = 0, contradict = 0, open = 0;
  int total() const { return agree + contradict + open; }
};

/// `not_measured` where no cell bears on it, `indicative` in an indicative run.
Judgement judged_by(const SeedTally& tally, bool indicative);

/// How `a` stands to `b` in a cell: 1 faster, -1 slower, 0 open; nothing where there is no pair. In
/// an indicative run the medians' order stands in, for the figure that is shown; the judgement is
/// "indicative" whatever it says.
std::optional<int> seed_standing(const Cell& cell, const std::string& a, const std::string& b);

/// The row "code complexity", a cell each; `measured` is empty where nothing is known.
SeedCell seed_complexity(const SeedEvidence& evidence, const std::string& strategy);
/// Its rule.
std::string seed_complexity_rule();

}  // namespace boxoffice::reports
