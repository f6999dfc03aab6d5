// See checked_load.hpp.
#include "harness/checked_load.hpp"

#include <stdexcept>
#include <utility>

#include "harness/failure.hpp"
#include "harness/load/preflight.hpp"

namespace boxoffice::harness {

load::LoadResult run_checked_load(const load::LoadPlan& plan,
                                  const load::ProgressCallback& progress, std::stop_token stop) {
  try {
    return load::run_load(plan, progress, std::move(stop));
  } catch (const std::invalid_argument& error) {
    throw UsageError(error.what());
  } catch (const std::runtime_error& error) {
    throw EnvironmentBroke(error.what());
  }
}

void expect_environment(const load::LoadPlan& plan) {
  try {
    load::check_environment(plan);
  } catch (const std::runtime_error& error) {
    throw EnvironmentBroke(error.what());
  }
}

}  // namespace boxoffice::harness
