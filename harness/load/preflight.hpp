// Before the first request: does the plan make sense, and does this machine allow it?
#pragma once

#include "harness/load/plan.hpp"

namespace boxoffice::load {

/// Throws std::invalid_argument with a sentence for the user where the plan contradicts itself.
void check_plan(const LoadPlan& plan);

/// Raises the soft limit of file descriptors as far as needed; throws std::runtime_error where the
/// limit cannot be raised or there are fewer local ports than connections.
void check_environment(const LoadPlan& plan);

}  // namespace boxoffice::load
