// The two engines under the invariants: extremes over windows, and orders that fit intervals. Each
// is compared with the plainest possible way to the same answer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "properties/precedence.hpp"
#include "properties/sort_by_number.hpp"
#include "properties/step_function.hpp"

namespace boxoffice::properties {
namespace {

TEST(SortByNumber, AgreesWithAStableSort) {
  std::mt19937_64 random(1);
  for (const std::uint64_t range : {1ULL, 5ULL, 3000ULL, 5'000'000ULL, 1ULL << 60, ~0ULL}) {
    for (const std::size_t count : {0U, 1U, 10U, 5000U}) {
      std::vector<std::pair<std::int64_t, std::size_t>> items;
      for (std::size_t i = 0; i < count; ++i) {
        const auto number = static_cast<std::int64_t>(random() % range);
        items.emplace_back(range > 5000 ? number - 1000 : number, i);
      }
      auto expected = items;
      std::stable_sort(expected.begin(), expected.end(),
                       [](const auto& a, const auto& b) { return a.first < b.first; });
      sort_by_number(items, [](const auto& item) { return item.first; });
      EXPECT_EQ(items, expected) << count << " below " << range;
    }
  }
}

TEST(StepFunction, AgreesWithWalkingThroughTime) {
  std::mt19937 random(1);
  for (int round = 0; round < 300; ++round) {
    StepFunction function;
    std::vector<std::int64_t> at(31, 0);
    const auto steps = static_cast<int>(random() % 12);
    for (int i = 0; i < steps; ++i) {
      const auto moment = static_cast<std::int64_t>(random() % 30);
      const auto change = static_cast<std::int64_t>(random() % 7) - 3;
      function.add(moment, change, 0);
      for (std::size_t t = static_cast<std::size_t>(moment); t < at.size(); ++t) at[t] += change;
    }
    function.finish();
    for (std::int64_t from = 0; from < 30; ++from) {
      for (std::int64_t to = from; to < 30; ++to) {
        const auto [least, most] = std::minmax_element(at.begin() + from, at.begin() + to + 1);
        std::size_t hint = random() % 14;
        const auto found = function.over(from, to, hint);
        ASSERT_EQ(found.least, *least) << from << " to " << to;
        ASSERT_EQ(found.most, *most) << from << " to " << to;
      }
    }
  }
}

TEST(PrecedenceGraph, ThreeThatCannotAllBeInOrder) {
  // Pairwise there is nothing wrong: only the chain of all three has no order.
  Precedence graph;
  const auto x = graph.add(0, 10);
  const auto middle = graph.add(0, 40);
  const auto y = graph.add(20, 40);
  graph.before(y, middle);
  graph.before(middle, x);
  const auto result = graph.solve();
  ASSERT_EQ(result.conflicts.size(), 1U);
  EXPECT_EQ(result.conflicts[0].early, y);
  EXPECT_EQ(result.conflicts[0].late, x);
}

TEST(PrecedenceGraph, OneConflictIsNotManyConsequences) {
  Precedence graph;
  auto last = graph.add(1000, 1001);
  for (int i = 0; i < 10; ++i) {
    const auto next = graph.add(i, 500 + i);
    graph.before(last, next);
    last = next;
  }
  EXPECT_EQ(graph.solve().conflicts.size(), 1U);
}

TEST(PrecedenceGraph, NamesACircle) {
  Precedence graph;
  std::vector<Precedence::Node> nodes;
  for (int i = 0; i < 6; ++i) nodes.push_back(graph.add(0, 10));
  for (int i = 0; i + 1 < 6; ++i) graph.before(nodes[i], nodes[i + 1]);
  EXPECT_TRUE(graph.solve().circle.empty());
  graph.before(nodes[4], nodes[2]);
  EXPECT_THAT(graph.solve().circle, testing::UnorderedElementsAre(nodes[2], nodes[3], nodes[4]));
}

}  // namespace
}  // namespace boxoffice::properties
