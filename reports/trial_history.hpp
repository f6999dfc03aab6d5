// The history of a stored trial, for those who draw a violation.
//
// Where it is missing or unreadable the violation's message stands alone: the verdict was reached
// long ago, and a rendering can neither change nor hide it.
#pragma once

#include <string>

#include "properties/history.hpp"
#include "reports/run_directory.hpp"

namespace boxoffice::reports {

struct TrialHistory {
  properties::History history;
  std::string why_not;  ///< empty where the history is there
};

TrialHistory read_trial_history(const Run& run, const Trial& trial);

/// The trials that violated an invariant: a bug comes before the proof that bugs are found.
std::vector<const Trial*> violating_trials(const Run& run);

}  // namespace boxoffice::reports
