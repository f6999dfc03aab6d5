// What a run refuses before its first byte: a plan that makes no sense, and more than the machine
// has.
#include "harness/load/preflight.hpp"

#include <gtest/gtest.h>

#include "recorded.hpp"

namespace boxoffice::load {
namespace {

TEST(Preflight, OfSeveralTargetsNoneMayBeHttps) {
  LoadPlan plan = small_plan("http://127.0.0.1:1", 2);
  plan.further_targets = {"https://127.0.0.1:2"};
  EXPECT_THROW(run_load(plan), std::invalid_argument);
}

TEST(Preflight, MoreConnectionsThanPortsAreRefusedBeforeTheFirst) {
  LoadPlan plan = small_plan("http://127.0.0.1:1", 4);
  plan.get_path = "/livez";
  plan.connections = 70'000;  // no address has more
  try {
    check_environment(plan);
    FAIL() << "70,000 ports";
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string::npos, std::string(error.what()).find("local ports")) << error.what();
  }
}

TEST(Preflight, APlanThatMakesNoSenseIsRejected) {
  LoadPlan plan = small_plan("http://127.0.0.1:1", 4);
  plan.users.resize(3);
  EXPECT_THROW(run_load(plan), std::invalid_argument);
  plan = small_plan("127.0.0.1:1", 4);
  EXPECT_THROW(run_load(plan), std::invalid_argument);
  plan = small_plan("http://127.0.0.1:1", 4);
  plan.connections = 1'000'000;
  plan.mix = {.reserve = 0, .read = 1};
  EXPECT_THROW(run_load(plan), std::runtime_error);
}

}  // namespace
}  // namespace boxoffice::load
