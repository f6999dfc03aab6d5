// The oracle against simulated runs: a correct one passes, any single corruption of it does not.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "properties/verdict.hpp"
#include "simulator.hpp"

namespace rc {

template <>
struct Arbitrary<boxoffice::properties::simulation::Plan> {
  static Gen<boxoffice::properties::simulation::Plan> arbitrary() {
    using boxoffice::properties::simulation::Plan;
    return gen::build<Plan>(
        gen::set(&Plan::seed), gen::set(&Plan::events, gen::inRange(1, 4)),
        gen::set(&Plan::clients, gen::inRange(1, 9)), gen::set(&Plan::users, gen::inRange(1, 8)),
        gen::set(&Plan::operations, gen::inRange(1, 200)),
        gen::set(&Plan::tickets, gen::inRange(1, 15)),
        gen::set(&Plan::quantity_max, gen::inRange(1, 4)),
        gen::set(&Plan::hold_us, gen::inRange(5, 120)),
        gen::set(&Plan::lost_percent, gen::element(0, 5, 30)), gen::set(&Plan::earlier_rows));
  }
};

}  // namespace rc

namespace boxoffice::properties {
namespace {

using simulation::Plan;
using simulation::simulate;
using simulation::Simulated;

void show(const Verdict& verdict) {
  for (const Violation& violation : verdict.violations) {
    RC_LOG() << violation.invariant << ": " << violation.message << std::endl;
  }
  for (const Check& check : verdict.checks) {
    if (!check.note.empty()) RC_LOG() << check.invariant << " note: " << check.note << std::endl;
  }
}

RC_GTEST_PROP(Oracle, ACorrectRunPasses, (const Plan& plan)) {
  const Simulated run = simulate(plan);
  const Verdict verdict = judge(run.history, run.audit);
  show(verdict);
  RC_ASSERT(verdict.outcome == Outcome::pass);
  RC_ASSERT(verdict.violations_total == 0);
}

}  // namespace
}  // namespace boxoffice::properties
