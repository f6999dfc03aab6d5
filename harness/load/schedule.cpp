// See schedule.hpp.
#include "harness/load/schedule.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "harness/load/clock.hpp"

namespace boxoffice::load {
namespace {

double seconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}

}  // namespace

Schedule::Schedule(std::vector<Stage> stages) {
  double begin_s = 0, first = 0;
  for (const Stage& stage : stages) {
    const double duration_s = seconds(stage.duration);
    parts_.push_back(
        {stage.from_per_s, (stage.to_per_s - stage.from_per_s) / duration_s, begin_s, first});
    begin_s += duration_s;
    first += stage.mean_per_s() * duration_s;
  }
  parts_.push_back({stages.back().to_per_s, 0, begin_s, first});
}

std::int64_t Schedule::due_ns(std::uint64_t request) const {
  const auto number = static_cast<double>(request);
  std::size_t at = parts_.size() - 1;
  while (at > 0 && parts_[at].first > number) --at;
  const Part& part = parts_[at];
  const double within = number - part.first;
  // The root written so that it holds for a constant rate, too.
  const double root = std::sqrt(part.from_per_s * part.from_per_s + 2 * part.slope_per_s2 * within);
  const double divisor = part.from_per_s + root;
  if (within > 0 && divisor <= 0) return k_never_ns;
  const double since_s = within > 0 ? 2 * within / divisor : 0;
  return std::llround((part.begin_s + since_s) * 1e9);
}

std::chrono::nanoseconds duration_of(const std::vector<Stage>& stages) {
  std::chrono::nanoseconds duration{};
  for (const Stage& stage : stages) duration += stage.duration;
  return duration;
}

double mean_rate_per_s(const std::vector<Stage>& stages) {
  double requests = 0;
  for (const Stage& stage : stages) requests += stage.mean_per_s() * seconds(stage.duration);
  return requests / seconds(duration_of(stages));
}

double rate_at(const std::vector<Stage>& stages, std::int64_t since_begin_ns) {
  const std::size_t at = stage_at(stages, since_begin_ns);
  for (std::size_t i = 0; i < at; ++i) since_begin_ns -= stages[i].duration.count();
  const Stage& stage = stages[at];
  const double share = std::clamp(
      static_cast<double>(since_begin_ns) / static_cast<double>(stage.duration.count()), 0.0, 1.0);
  return stage.from_per_s + share * (stage.to_per_s - stage.from_per_s);
}

std::size_t stage_at(const std::vector<Stage>& stages, std::int64_t since_begin_ns) {
  std::int64_t end_ns = 0;
  for (std::size_t i = 0; i + 1 < stages.size(); ++i) {
    end_ns += stages[i].duration.count();
    if (since_begin_ns < end_ns) return i;
  }
  return stages.empty() ? 0 : stages.size() - 1;
}

}  // namespace boxoffice::load
