// Parts of one work on several threads: each once, in their order, and none lost to an exception.
#include "properties/side_by_side.hpp"

#include <gmock/gmock.h>

#include <functional>
#include <latch>
#include <stdexcept>

namespace boxoffice::properties {
namespace {

using Part = std::function<int()>;

TEST(SideBySide, ResultsAreInTheOrderOfTheParts) {
  std::vector<Part> parts;
  for (int i = 0; i < 100; ++i) parts.emplace_back([i] { return i; });
  for (const unsigned threads : {1U, 2U, 8U, 1000U}) {
    const std::vector<int> results = side_by_side(parts, threads);
    ASSERT_EQ(100U, results.size());
    for (int i = 0; i < 100; ++i) EXPECT_EQ(i, results[static_cast<std::size_t>(i)]);
  }
  EXPECT_TRUE(side_by_side(std::vector<Part>{}, 4).empty());
}

TEST(SideBySide, PartsAreDoneAtTheSameTime) {
  std::latch both(2);
  const Part part = [&] {
    both.arrive_and_wait();  // for ever, if one thread did both
    return 1;
  };
  EXPECT_THAT(side_by_side(std::vector{part, part}, 2), testing::ElementsAre(1, 1));
}

TEST(SideBySide, WithOneThreadNobodyElseDoesAnything) {
  const auto self = std::this_thread::get_id();
  const Part part = [&] { return std::this_thread::get_id() == self ? 1 : 0; };
  EXPECT_THAT(side_by_side(std::vector{part, part, part}, 1), testing::Each(1));
}

TEST(SideBySide, WhatAPartThrowsIsThrownWhenAllAreDone) {
  std::atomic<int> done = 0;
  const Part good = [&] { return ++done; };
  const std::vector<Part> parts = {good, [] { return throw std::runtime_error("the first"), 0; },
                                   good, [] { return throw std::logic_error("another"), 0; }, good};
  for (const unsigned threads : {1U, 3U}) {
    done = 0;
    EXPECT_THROW(side_by_side(parts, threads), std::runtime_error);
    EXPECT_EQ(3, done);
  }
}

}  // namespace
}  // namespace boxoffice::properties
