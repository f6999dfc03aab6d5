// See step_function.hpp. The tree is the iterative segment tree over the steps' values.
#include "properties/step_function.hpp"

#include <algorithm>

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
  std::stable_sort(steps_.begin(), steps_.end(),
                   [](const Step& a, const Step& b) { return a.at_ns < b.at_ns; });
  std::int64_t value = 0;
  for (Step& step : steps_) step.value = (value += step.change);
  // Steps of one moment happen at once: all of them show what the last one leaves.
  for (std::size_t i = steps_.size(); i-- > 1;) {
    if (steps_[i - 1].at_ns == steps_[i].at_ns) steps_[i - 1].value = steps_[i].value;
  }
  const std::size_t n = steps_.size();
  tree_.resize(2 * n);
  for (std::size_t i = 0; i < n; ++i) tree_[n + i] = {steps_[i].value, steps_[i].value};
  for (std::size_t i = n; i-- > 1;) tree_[i] = both(tree_[2 * i], tree_[2 * i + 1]);
}

StepFunction::Extremes StepFunction::over(std::int64_t from_ns, std::int64_t to_ns) const {
  const auto later = [](std::int64_t at_ns, const Step& step) { return at_ns < step.at_ns; };
  const auto begin = std::upper_bound(steps_.begin(), steps_.end(), from_ns, later);
  const auto end = std::upper_bound(begin, steps_.end(), to_ns, later);
  const std::int64_t at_start = begin == steps_.begin() ? 0 : std::prev(begin)->value;
  Extremes result{at_start, at_start};
  const std::size_t n = steps_.size();
  std::size_t low = n + static_cast<std::size_t>(begin - steps_.begin());
  std::size_t high = n + static_cast<std::size_t>(end - steps_.begin());
  for (; low < high; low /= 2, high /= 2) {
    if (low % 2 == 1) result = both(result, tree_[low++]);
    if (high % 2 == 1) result = both(result, tree_[--high]);
  }
  return result;
}

}  // namespace boxoffice::properties
