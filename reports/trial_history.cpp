// See trial_history.hpp.
#include "reports/trial_history.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "properties/history_json.hpp"

namespace boxoffice::reports {

TrialHistory read_trial_history(const Run& run, const Trial& trial) {
  const auto path = run.directory / "trials" / trial.directory / "history.jsonl";
  if (!std::filesystem::exists(path)) return {{}, "the history was not kept"};
  auto stored = properties::read_history(read_text(path, path.filename().string()));
  if (!stored) {
    return {{},
            fmt::format("the history cannot be read: line {}: {}", stored.error().line,
                        stored.error().message)};
  }
  return {std::move(stored->history), ""};
}

std::vector<const Trial*> violating_trials(const Run& run) {
  std::vector<const Trial*> trials;
  for (const Trial& trial : run.trials) {
    if (trial.verdict == properties::Outcome::violation) trials.push_back(&trial);
  }
  std::stable_partition(trials.begin(), trials.end(), [](const Trial* t) { return !t->control; });
  return trials;
}

}  // namespace boxoffice::reports
