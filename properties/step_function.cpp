// See step_function.hpp. The tree is the iterative segment tree over the steps' values.
#include "properties/step_function.hpp"

#include <algorithm>
#include <cstddef>

#include "properties/sort_by_number.hpp"

namespace boxoffice::properties {
namespace {

StepFunction::Extremes both(StepFunction::Extremes a, StepFunction::Extremes b) {
  return {std::min(a.least, b.least), std::max(a.most, b.most)};
}

}  // namespace

void StepFunction::add(std::int64_t at_ns, std::int64_t change, std::size_t source) {
  steps_.push_back({at_ns, change, source, 0});
}

void StepFunction::finish() {
  sort_by_number(steps_, [](const Step& step) { return step.at_ns; });
  moments_ns_.reserve(steps_.size());
  std::int64_t value = 0;
  for (Step& step : steps_) {
    moments_ns_.push_back(step.at_ns);
    step.value = (value += step.change);
  }
  // Steps of one moment happen at once: all of them show what the last one leaves.
  for (std::size_t i = steps_.size(); i-- > 1;) {
    if (steps_[i - 1].at_ns == steps_[i].at_ns) steps_[i - 1].value = steps_[i].value;
  }
  const std::size_t n = steps_.size();
  tree_.resize(2 * n);
  for (std::size_t i = 0; i < n; ++i) tree_[n + i] = {steps_[i].value, steps_[i].value};
  for (std::size_t i = n; i-- > 1;) tree_[i] = both(tree_[2 * i], tree_[2 * i + 1]);
}

std::size_t StepFunction::first_after(std::int64_t at_ns, std::size_t hint) const {
  const std::vector<std::int64_t>& moments = moments_ns_;
  std::size_t low = hint > moments.size() || (hint > 0 && moments[hint - 1] > at_ns) ? 0 : hint;
  std::size_t stride = 8;
  std::size_t high = std::min(moments.size(), low + stride);
  while (high < moments.size() && moments[high - 1] <= at_ns) {
    low = high;
    high = std::min(moments.size(), low + (stride *= 2));
  }
  const auto begin = moments.begin() + static_cast<std::ptrdiff_t>(low);
  const auto end = moments.begin() + static_cast<std::ptrdiff_t>(high);
  return static_cast<std::size_t>(std::upper_bound(begin, end, at_ns) - moments.begin());
}

StepFunction::Extremes StepFunction::over(std::int64_t from_ns, std::int64_t to_ns,
                                          std::size_t& hint) const {
  const std::size_t begin = hint = first_after(from_ns, hint);
  const std::size_t end = first_after(to_ns, begin);
  const std::int64_t at_start = begin == 0 ? 0 : steps_[begin - 1].value;
  Extremes result{at_start, at_start};
  std::size_t low = steps_.size() + begin;
  std::size_t high = steps_.size() + end;
  for (; low < high; low /= 2, high /= 2) {
    if (low % 2 == 1) result = both(result, tree_[low++]);
    if (high % 2 == 1) result = both(result, tree_[--high]);
  }
  return result;
}

}  // namespace boxoffice::properties
