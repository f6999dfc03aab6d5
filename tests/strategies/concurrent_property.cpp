// RapidCheck, concurrent: plans for two to four threads against each strategy on each engine. No
// plan may break a sound strategy; some small plan must break each negative control, by an
// invariant named for it, or the property would pass whatever the code did.
//
// BOXOFFICE_PLANS=long is for `make plans` and `make soak`: more plans, the controls on every
// engine, those among them that take a rare race as well, and the minimal plan of each printed.
// BOXOFFICE_PLANS_SEED repeats a search as far as a race can be repeated.
#include <fmt/format.h>

#include <cstdlib>
#include <iostream>
#include <set>

#include "harness/controls.hpp"
#include "strategies/broken/broken.hpp"
#include "strategies/registry.hpp"
#include "tests/strategies/concurrent_search.hpp"
#include "tests/strategies/database_fixture.hpp"

namespace boxoffice::tests {

using namespace strategies;

namespace {

constexpr std::size_t k_small_plan_calls = 6;

// Those that a plan breaks whenever it runs, or nearly so: few enough runs for every test run.
// (double_release takes a sweep between a cancel's two statements: a quick machine hardly ever has
// it.)
const std::set<std::string> k_soon_broken = {"naive",
                                             "clamps_at_zero",
                                             "forgets_release",
                                             "forgets_version",
                                             "releases_one_ticket",
                                             "sweep_too_early",
                                             "purchase_after_expiry",
                                             "resurrects_terminal",
                                             "stale_availability",
                                             "cancels_for_anyone",
                                             "reserves_again",
                                             "retry_after_lost_commit"};

// Those that take a rare race: the long form's.
const std::set<std::string> k_rarely_broken = {"stale_version",
                                               "unguarded_update",
                                               "double_release",
                                               "sweep_reads_before_lock",
                                               "leaks_other_users_hold",
                                               "skips_locked_event",
                                               "loses_locked_event",
                                               "finds_ended_hold",
                                               "sold_out_before_own_hold",
                                               "acknowledges_before_commit",
                                               "locks_in_memory"};

const SessionLimits k_limits{.attempts_max = 200};

bool long_form() {
  const char* form = std::getenv("BOXOFFICE_PLANS");
  return form && std::string(form) == "long";
}

std::uint64_t search_seed() {
  static const std::uint64_t seed = [] {
    const char* given = std::getenv("BOXOFFICE_PLANS_SEED");
    return given ? std::strtoull(given, nullptr, 10) : rc::detail::configuration().testParams.seed;
  }();
  return seed;
}

std::vector<StrategyOn> controls_by_plans() {
  std::vector<StrategyOn> all;
  for (const std::string& product :
       long_form() ? products() : std::vector<std::string>{"postgresql"}) {
    for (const harness::Control& control : harness::controls()) {
      const bool rare = long_form() && k_rarely_broken.contains(control.name);
      if (rare || k_soon_broken.contains(control.name)) all.push_back({product, control.name});
    }
  }
  return all;
}

}  // namespace

class Concurrent : public StrategyTest {
 protected:
  // On a busy machine a plan may fail by bad luck, which does not come back and so is not shrunk;
  // on a quick one a seed's first plans may all end before any hold does. Up to `searches` times,
  // until what is found is small.
  std::optional<FailingPlan> search(const SearchBounds& bounds, int searches = 1,
                                    std::vector<std::string> invariants = {}) {
    PlanRunner runner(GetParam().strategy, ground());
    const auto kept =
        std::filesystem::path("failed-plans") / (GetParam().product + "-" + GetParam().strategy);
    PlanSearch search(runner, bounds, std::move(invariants), kept);
    std::optional<FailingPlan> smallest;
    for (int i = 0; i < searches; ++i) {
      auto failing = search.find(search_seed() + static_cast<std::uint64_t>(i));
      if (failing && (!smallest || failing->plan.calls() < smallest->plan.calls()))
        smallest = std::move(failing);
      if (smallest && smallest->plan.calls() <= k_small_plan_calls) break;
    }
    runs_ = runner.runs();
    passed_ = runner.passed();
    empty_ = runner.empty();
    return smallest;
  }

  PlanGround ground() {
    const int port = shared_server(product_).port();
    const auto at_port = [this](int other) { return Database(url_at(other), k_limits); };
    return {Database(url_, k_limits), sql_, port, at_port};
  }

  std::int64_t runs_ = 0, passed_ = 0, empty_ = 0;
};

INSTANTIATE_TEST_SUITE_P(Sound, Concurrent, ::testing::ValuesIn(sound_strategies()), name_of);

TEST_P(Concurrent, NoPlanBreaksASoundStrategy) {
  const auto failing = search({.plans = long_form() ? 100 : 15});
  EXPECT_FALSE(failing) << "seed " << search_seed() << "\n"
                        << text_of(*failing)
                        << "all failures: " << std::filesystem::absolute("failed-plans");
  EXPECT_GT(passed_, 0) << "of " << runs_ << ", " << empty_ << " empty";
  if (!long_form()) return;  // of fifteen plans the shares say little
  EXPECT_GE(passed_ * 10, (runs_ - empty_) * 9) << "of " << runs_ << ", " << empty_ << " empty";
  EXPECT_GT(passed_ * 4, runs_) << empty_ << " were empty";
}

// The other way round, in code because RapidCheck has no "expect to fail".
class ConcurrentControl : public Concurrent {
 protected:
  static void SetUpTestSuite() { broken::register_all(); }
};

INSTANTIATE_TEST_SUITE_P(Control, ConcurrentControl, ::testing::ValuesIn(controls_by_plans()),
                         name_of);

TEST_P(ConcurrentControl, IsBrokenByASmallPlan) {
  const harness::Control& control = *harness::find_control(GetParam().strategy);
  SearchBounds bounds{.plans = 100, .shrinking = long_form() ? 20s : 5s};
  if (!long_form() && control.name != "naive") bounds.repeats = 4, bounds.repeats_after = 1;
  const auto failing = search(bounds, 20, control.caught_by);
  ASSERT_TRUE(failing) << "seed " << search_seed() << ": " << runs_ << " runs raised no alarm";
  if (long_form())
    std::cout << fmt::format("{} on {} ({}), {} runs:\n{}\n", control.name, GetParam().product,
                             control.bug, runs_, text_of(*failing));
  // What takes a rare race may resist shrinking, which is bounded.
  if (k_soon_broken.contains(control.name)) {
    EXPECT_LE(failing->plan.calls(), k_small_plan_calls) << text_of(*failing);
  }
}

TEST(ConcurrentControls, AreAllBrokenByPlans) {
  std::multiset<std::string> said(k_soon_broken.begin(), k_soon_broken.end());
  said.insert(k_rarely_broken.begin(), k_rarely_broken.end());
  std::multiset<std::string> known;
  for (const harness::Control& control : harness::controls()) known.insert(control.name);
  EXPECT_EQ(known, said) << "each is one of the two, and only one";
}

// Of the plans themselves: whatever is drawn is within its bounds, and what shrinking takes away
// leaves a plan that is smaller.
TEST(ConcurrentPlans, AreSmallAndShrinkToNothing) {
  const auto size_of = [](const ConcurrentPlan& plan) {
    std::size_t size = 100 * (plan.threads.size() + plan.calls()) +
                       static_cast<std::size_t>(plan.capacity) + (plan.prefix.empty() ? 0 : 1) +
                       (plan.hold == k_short_hold ? 0 : 1) + plan.servers;
    const auto add = [&](const std::vector<PlannedCall>& calls) {
      for (const PlannedCall& call : calls)
        size += static_cast<std::size_t>(call.quantity) + call.number + (call.anyones ? 1 : 0) +
                (call.lost_commit ? 1 : 0);
    };
    add(plan.prefix);
    for (const auto& thread : plan.threads) add(thread);
    return size;
  };
  EXPECT_TRUE(rc::check("plans are small, and smaller ones are smaller", [&] {
    ConcurrentPlan plan = *any_concurrent_plan();
    RC_ASSERT(plan.threads.size() >= 2U && plan.threads.size() <= 4U);
    RC_ASSERT(plan.calls() <= k_plan_calls_max);
    for (auto next = smaller_plans(plan); !next.empty(); next = smaller_plans(plan)) {
      for (const ConcurrentPlan& each : next) {
        RC_ASSERT(size_of(each) < size_of(plan));
        RC_ASSERT(!each.threads.empty());
      }
      plan = next[*rc::gen::inRange<std::size_t>(0, next.size())];
    }
    RC_ASSERT(plan.calls() == 0U);
    RC_ASSERT(plan.capacity == 1);
    RC_ASSERT(plan.hold == k_short_hold);
    RC_ASSERT(plan.servers == 1U);
  }));
}

}  // namespace boxoffice::tests
