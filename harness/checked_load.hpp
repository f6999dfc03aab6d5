// A load whose errors are this program's own: what load/ throws knows nothing of exit codes, and
// would end a run as a bug.
#pragma once

#include <stop_token>

#include "harness/load/load.hpp"

namespace boxoffice::harness {

/// load::run_load(). Throws UsageError where the plan makes no sense, EnvironmentBroke where the
/// machine does not allow it (file descriptors, ports, a history that cannot be opened).
load::LoadResult run_checked_load(const load::LoadPlan& plan,
                                  const load::ProgressCallback& progress, std::stop_token stop);

/// load::check_environment(). Throws EnvironmentBroke.
void expect_environment(const load::LoadPlan& plan);

}  // namespace boxoffice::harness
