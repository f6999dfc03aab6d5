// What `verify --target` asks of a server that we did not start, and which servers, databases and
// adapters it cannot judge.
#pragma once

#include <cstdint>

#include "harness/commands/options.hpp"
#include "harness/commands/verify_target.hpp"
#include "harness/load/plan.hpp"
#include "properties/history.hpp"

namespace boxoffice::harness {

/// Throws UsageError where the flags or the adapter do not make one.
load::LoadPlan target_plan(const TargetOptions& options, const RunOptions& run, Duration time,
                           std::int64_t threads);

/// At most two thirds of the smallest event's tickets; each event gets as many. The rest goes from
/// hand to hand, so that the last ones are contested for the whole run and not for its first second
/// (decision 0042).
std::uint64_t purchases_max(const properties::Header& header, const load::LoadPlan& plan);

/// What could be known before the load is not said after it, when its tickets are bought: throws
/// UsageError where the account cannot read what an audit needs, or where rows of before the run
/// could not be told from its own. Throws SqlError. Nothing without a database.
void refuse_unfit_database(const TargetOptions& options, const properties::Header& header);

}  // namespace boxoffice::harness
