// overload's bounds: each is missed by the one figure that is beyond it, and by nothing else.
#include "harness/overload_figures.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <sstream>

namespace boxoffice::harness {
namespace {

using ::testing::HasSubstr;

OverloadStep step_at(std::int64_t factor) {
  const double due = 400.0 * static_cast<double>(factor);
  return {.due_per_s = due,
          .sent_per_s = due,
          .goodput_per_s = 395,
          .refused_share = 1 - 395 / due,
          .refusal_ms_p99 = 20,
          .memory_mb = 50,
          .errors = 0};
}

/// Three rounds of a server that holds every bound; `change` may spoil the steps at ten times.
template <typename Change>
OverloadFigures figures_with(Change change) {
  OverloadFigures figures;
  for (int round = 0; round < 3; ++round) {
    figures.add_capacity(400);
    for (const std::int64_t factor : k_overload_factors) {
      OverloadStep step = step_at(factor);
      if (factor == 10) change(step, round);
      figures.add(factor, step);
    }
  }
  return figures;
}

std::vector<std::string> missed(const OverloadFigures& figures) {
  std::vector<std::string> names;
  for (const OverloadBound& bound : figures.bounds())
    if (!bound.held) names.push_back(bound.what);
  return names;
}

TEST(OverloadFigures, HoldWhereTheServerRefusesInTime) {
  EXPECT_THAT(missed(figures_with([](OverloadStep&, int) {})), ::testing::IsEmpty());
}

TEST(OverloadFigures, EachBoundIsMissedByItsOwnFigure) {
  using ::testing::ElementsAre;
  EXPECT_THAT(missed(figures_with([](OverloadStep& step, int) { step.sent_per_s = 3700; })),
              ElementsAre("of 10x, sent"));
  EXPECT_THAT(missed(figures_with([](OverloadStep& step, int) { step.goodput_per_s = 350; })),
              ElementsAre("goodput under 10x / the best"));
  EXPECT_THAT(missed(figures_with([](OverloadStep& step, int) { step.refusal_ms_p99 = 51; })),
              ElementsAre("p99 of a refusal under 10x, ms"));
  EXPECT_THAT(missed(figures_with([](OverloadStep& step, int) { step.memory_mb = 56; })),
              ElementsAre("memory under 10x / under 2x"));
  EXPECT_THAT(missed(figures_with([](OverloadStep& step, int round) { step.errors = round == 1; })),
              ElementsAre("errors and unknown outcomes"));
}

TEST(OverloadFigures, TheMedianCountsNotOneBadRound) {
  const auto one_bad = [](OverloadStep& step, int round) {
    if (round == 0) step.goodput_per_s = 10;
  };
  EXPECT_THAT(missed(figures_with(one_bad)), ::testing::IsEmpty());
}

TEST(OverloadFigures, OfAnEvenNumberOfRoundsTheMiddleOfTheTwoMiddleOnesCounts) {
  OverloadFigures figures;
  for (const double sold : {200.0, 500.0}) {
    figures.add_capacity(450);
    for (const std::int64_t factor : k_overload_factors) {
      OverloadStep step = step_at(factor);
      step.goodput_per_s = factor == 10 ? sold : 450;
      figures.add(factor, step);
    }
  }
  ASSERT_EQ(missed(figures).size(), 1U);
  const auto bounds = figures.bounds();
  EXPECT_NEAR(std::ranges::find(bounds, false, &OverloadBound::held)->reached, 350.0 / 450, 1e-9);
}

TEST(OverloadFigures, TooFewRefusalsAreNoShortTime) {
  load::Histogram few;
  for (int i = 0; i < 99; ++i) few.record(1'000'000);
  EXPECT_EQ(std::numeric_limits<double>::infinity(), refusal_p99_ms(few));
  few.record(1'000'000);
  EXPECT_NEAR(1, refusal_p99_ms(few), 0.01);
  const OverloadFigures none = figures_with([](OverloadStep& step, int) {
    step.refusal_ms_p99 = std::numeric_limits<double>::infinity();
  });
  EXPECT_THAT(none.table(), HasSubstr("inf"));
  EXPECT_THAT(missed(none), ::testing::ElementsAre("p99 of a refusal under 10x, ms"));
}

TEST(OverloadFigures, FitATerminalOf80Columns) {
  const OverloadFigures figures =
      figures_with([](OverloadStep& step, int) { step.memory_mb = 12345.6; });
  std::string text = figures.table();
  for (const OverloadBound& bound : figures.bounds()) text += line_of(bound) + "\n";
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80U) << line;
  EXPECT_THAT(text, HasSubstr("MISSED"));
}

}  // namespace
}  // namespace boxoffice::harness
