// The seed's table "Why this strategy?", measured: each claim beside the figure behind it, and
// whether the figure confirms it, by a rule that is computed from the data and stated beside the
// row.
//
// Also the seed's "Vertical scaling limits": three loads with a claimed throughput. Both tables
// were asserted in the document that this project grew from; nothing here knows what the answer
// should be.
#pragma once

#include <string>
#include <vector>

#include "reports/summary.hpp"

namespace boxoffice::reports {

/// `depends`: some cells confirm the claim and some refute it. `not_measured`: the run holds
/// nothing that bears on it.
enum class Judgement { confirms, refutes, depends, not_separated, indicative, not_measured };

std::string judgement_name(Judgement judgement);

struct SeedCell {
  std::string strategy;
  std::string claim;     ///< the seed's words
  std::string measured;  ///< the figure, or why there is none
  Judgement judgement = Judgement::not_measured;
};

struct SeedRow {
  std::string aspect;
  std::string rule;             ///< what counts as confirming and what as refuting
  std::vector<SeedCell> cells;  ///< pessimistic, optimistic, atomic
};

/// A strategy is judged by the variant that has its name; variants with additions (admission) are
/// not the seed's.
std::vector<SeedRow> seed_table(const Run& run, const Summary& summary,
                                const std::string& database);

/// The seed's lists "what scales" and "what doesn't scale", a row each; claims are "Scales" and
/// "Doesn't scale".
std::vector<SeedRow> seed_scaling(const Run& run, const Summary& summary,
                                  const std::string& database);
/// The rule of seed_scaling in a sentence.
std::string seed_scaling_rule();

struct SeedScenario {
  std::string scenario;
  std::int64_t tickets = 0, users = 0;
  double claimed_per_s = 0;
  std::string claimed_load;     ///< of the database: "Low", "Medium", "High"
  std::vector<SeedCell> cells;  ///< one a variant; empty where the run does not have the scenario
};

std::vector<SeedScenario> seed_scenarios(const Summary& summary, const std::string& database);

/// The rule of seed_scenarios in a sentence.
std::string seed_scenarios_rule();

}  // namespace boxoffice::reports
