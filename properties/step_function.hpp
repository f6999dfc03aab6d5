// A number of tickets over time: steps at known moments, then its extremes over any window.
//
// Time is whole nanoseconds and windows are closed. Steps are added in any order and `finish()`
// sorts them; after that a query costs O(log n), through a tree of the extremes of each range of
// steps.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace boxoffice::properties {

class StepFunction {
 public:
  struct Step {
    std::int64_t at_ns = 0;
    std::int64_t change = 0;
    std::size_t source = 0;  ///< whatever the caller wants to find again
    std::int64_t value = 0;  ///< after this step and all others of its moment
  };
  struct Extremes {
    std::int64_t least = 0;
    std::int64_t most = 0;
  };

  void reserve(std::size_t steps) { steps_.reserve(steps); }
  /// From `at_ns` on the value is higher by `change`.
  void add(std::int64_t at_ns, std::int64_t change, std::size_t source);
  /// Once, after the last add and before the first query.
  void finish();

  /// The extremes over all moments of [from_ns, to_ns]. The value before the first step is 0.
  /// `hint` is where the last window began: the search starts there.
  Extremes over(std::int64_t from_ns, std::int64_t to_ns, std::size_t& hint) const;
  const std::vector<Step>& steps() const { return steps_; }

 private:
  /// The first step after `at_ns`, searched outwards from `hint`.
  std::size_t first_after(std::int64_t at_ns, std::size_t hint) const;

  std::vector<Step> steps_;
  std::vector<std::int64_t> moments_ns_;  ///< of the steps: what is searched, close together
  std::vector<Extremes> tree_;            ///< leaves at [n, 2n), the parent of i at i / 2
};

}  // namespace boxoffice::properties
