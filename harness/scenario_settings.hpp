// What a scenario asks of a trial, as texts that stand beside the trial's figures: a TOML file can
// be edited under the same name, and two runs of that name are then no pair.
#pragma once

#include <boost/json/object.hpp>

#include "harness/scenario.hpp"

namespace boxoffice::harness {

/// Of the keys that change what is measured and are nowhere else in trial.json: supply, users, mix,
/// skew, and how the load is dealt out. A default is there as well as what was set.
boost::json::object settings_of(const Scenario& scenario);

}  // namespace boxoffice::harness
