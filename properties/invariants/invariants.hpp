// The invariants, each a function that looks at a run and says what it found (H2 and H3 at an
// event, since they share the work of finding out what was held when). What each one means, why it
// must hold and what it cannot see stands on top of its file.
#pragma once

#include "properties/findings.hpp"
#include "properties/linearizability/search.hpp"
#include "properties/run.hpp"
#include "properties/step_function.hpp"

namespace boxoffice::properties {

// From the history alone (H5 is filled in from the rows where there is an audit).
void check_h2_oversold(const EventRun& event, const StepFunction& certain, Findings& findings);
void check_h3_availability(const EventRun& event, const StepFunction& certain,
                           const StepFunction& possible, Findings& findings);
void check_h3_own_holds(const Run& run, const EventRun& event, Findings& findings);
Findings check_h4_terminal(const Run& run);
Findings check_h5_versions(const Run& run);
/// `explained`: H5 has found violations, whose words are better; then H6 only counts its own.
Findings check_h6_linearizability(const Run& run, const linearizability::Bounds& bounds,
                                  bool explained);

// From the database at the end; run.audit must be set for these and the next.
Findings check_d1_identity(const Run& run);
/// Where the audit has a trail.
Findings check_d2_trail(const Run& run);
Findings check_d3_expiry(const Run& run);

// Across both.
Findings check_x1_lost(const Run& run);
Findings check_x2_phantom(const Run& run);
Findings check_x3_duplicate_request(const Run& run);
Findings check_x4_status(const Run& run);
Findings check_x5_total(const Run& run);
Findings check_x6_final_read(const Run& run);
Findings check_x7_ownership(const Run& run);

}  // namespace boxoffice::properties
