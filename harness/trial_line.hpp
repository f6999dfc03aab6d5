// What a trial ended with, as the one line that progress leaves behind.
#pragma once

#include <string>

#include "harness/trial.hpp"

namespace boxoffice::harness {

/// "1234/s, pass"; "violation"; "pass, figure invalid: a generator thread was busy ...". A rate
/// that the trial has no right to is not in it: nobody reads on who has seen a number.
std::string trial_line(const TrialOutcome& outcome, ScenarioMetric metric);

}  // namespace boxoffice::harness
