// When each request of an open loop is due: stages of a constant rate, or of one that rises or
// falls evenly, one after the other. The last one goes on where the load lasts longer.
//
// By the end of t seconds of a stage that goes from a to b requests a second in T seconds,
// a t + (b - a) t^2 / (2 T) are due; request x of the stage is due at the t that solves it.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

namespace boxoffice::load {

struct Stage {
  double from_per_s = 0, to_per_s = 0;  ///< the same where the rate is constant
  std::chrono::nanoseconds duration{};

  double mean_per_s() const { return (from_per_s + to_per_s) / 2; }
  bool operator==(const Stage&) const = default;
};

class Schedule {
 public:
  /// At least one stage; no rate is negative, no duration zero.
  explicit Schedule(std::vector<Stage> stages);

  /// Of the request with this number, counted from 0: ns since the begin; k_never_ns where the last
  /// stage ends at rate 0 before it.
  std::int64_t due_ns(std::uint64_t request) const;

 private:
  struct Part {
    double from_per_s, slope_per_s2;
    double begin_s, first;  ///< requests that are due before it
  };
  std::vector<Part> parts_;
};

/// Of all of them together.
std::chrono::nanoseconds duration_of(const std::vector<Stage>& stages);
double mean_rate_per_s(const std::vector<Stage>& stages);
/// The stage at this time since the begin; the last one for all that is later.
std::size_t stage_at(const std::vector<Stage>& stages, std::int64_t since_begin_ns);
/// The rate at that time.
double rate_at(const std::vector<Stage>& stages, std::int64_t since_begin_ns);

}  // namespace boxoffice::load
