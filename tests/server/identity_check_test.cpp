// One event that cannot be looked at in time keeps no other from being looked at.
#include "server/identity_check.hpp"

#include <gmock/gmock.h>

#include "strategies/failure.hpp"
#include "tests/server/held_job.hpp"

namespace boxoffice::server {
namespace {

namespace s = strategies;

constexpr std::int64_t k_events = 2000;

/// Events 1 to k_events. A look at `heavy_` fails with `code_`; `broken_` does not add up.
class IdentityChecks : public ::testing::Test {
 protected:
  s::IdentityRange range(s::EventId after, std::int64_t limit) {
    const std::int64_t last = std::min(after.value + limit, k_events);
    limits_.push_back(limit);
    return {s::EventId{last}, last - after.value};
  }
  std::vector<s::IdentityBreak> breaks(s::EventId after, s::EventId last) {
    const auto covers = [&](std::int64_t id) { return after.value < id && id <= last.value; };
    if (covers(heavy_)) throw s::Failure(code_, "canceling statement due to statement timeout");
    if (covers(broken_)) return {{s::EventId{broken_}, 10, 9, 0}};
    return {};
  }
  /// Looks until that many were made: between two of them the check itself waits.
  void look(std::size_t looks) {
    const auto give_up = Clock::now() + std::chrono::seconds(10);
    const std::size_t until = limits_.size() + looks;
    while (limits_.size() < until && Clock::now() < give_up) check_.look(*connection_);
    ASSERT_EQ(limits_.size(), until);
  }

  std::int64_t heavy_ = 7, broken_ = 900;
  s::FailureCode code_ = s::FailureCode::lock_timeout;
  std::vector<std::int64_t> limits_;
  std::unique_ptr<s::Connection> connection_ = test::no_database();
  IdentityCheck check_{{[this](auto&, auto after, auto limit) { return range(after, limit); },
                        [this](auto&, auto after, auto last) { return breaks(after, last); }}};
};

TEST_F(IdentityChecks, AnEventThatTakesTooLongIsPassedOverAndTheOthersAreNot) {
  look(40);
  EXPECT_EQ(1, check_.broken());
  EXPECT_LE(k_events - 1, check_.events_checked().value());
  EXPECT_LE(4, check_.failed().value());
  EXPECT_EQ(1, std::ranges::min(limits_));
}

TEST_F(IdentityChecks, LooksGrowAgainOnceTheyAreAnswered) {
  look(2);
  EXPECT_THAT(limits_, ::testing::ElementsAre(500, 15));
  heavy_ = 0;
  look(6);
  EXPECT_THAT(limits_, ::testing::ElementsAre(500, 15, 1, 2, 4, 8, 16, 32));
  look(30);
  EXPECT_EQ(500, limits_.back());
}

TEST_F(IdentityChecks, ADatabaseThatIsAwayIsNoReasonToAskForLess) {
  code_ = s::FailureCode::database_unavailable;
  look(5);
  EXPECT_THAT(limits_, ::testing::Each(500));
  EXPECT_EQ(0, check_.events_checked().value());
  EXPECT_EQ(5, check_.failed().value());
}

}  // namespace
}  // namespace boxoffice::server
