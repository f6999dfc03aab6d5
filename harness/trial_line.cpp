// See trial_line.hpp.
#include "harness/trial_line.hpp"

#include <fmt/format.h>

#include "properties/names.hpp"

namespace boxoffice::harness {

std::string trial_line(const TrialOutcome& outcome, ScenarioMetric metric) {
  const load::LoadResult& load = outcome.load;
  std::string line(properties::name_of(outcome.verdict.outcome));
  if (!outcome.broke.empty()) return line + ": " + outcome.broke;
  const std::string why = load.figure_valid ? outcome.ran_out : load.figure_why;
  if (!why.empty()) return line + ", figure invalid: " + why;
  // That is a result, and a bad one.
  if (metric == ScenarioMetric::time_to_sell_out && load.measured_s > 0 && !load.time_to_sell_out_s)
    line += ", not sold out";
  if (outcome.verdict.outcome != properties::Outcome::pass) return line;
  return fmt::format("{:.0f}/s, {}", load.goodput_per_s, line);
}

}  // namespace boxoffice::harness
