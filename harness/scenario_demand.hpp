// Whether the users of a scenario can take what it says will be taken: a trial that waits for a
// sell-out that cannot come would last its whole time and prove nothing.
#pragma once

#include "harness/scenario.hpp"
#include "harness/toml_table.hpp"

namespace boxoffice::harness {

/// `root` is the file that `scenario` was read from. Throws UsageError at the line of the promise:
/// `sold_out` as evidence, or time_to_sell_out as the metric.
void expect_demand(const TomlTable& root, const Scenario& scenario);

}  // namespace boxoffice::harness
