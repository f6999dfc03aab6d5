// A plan for several threads, as pure data: what each of them asks of a strategy, one call after
// the other. Nothing in it depends on a run: a hold is named "my k-th", an outlasted one "any that
// there is", so that whatever is removed, what is left is a plan.
//
// RapidCheck has no concurrent properties: it draws the plans, on the main thread; running and
// shrinking them is ours (concurrent_search.hpp), because a plan that failed once may pass next
// time.
#pragma once

#include <rapidcheck.h>

#include <chrono>
#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

namespace boxoffice::tests {

enum class CallKind {
  reserve,
  purchase,
  cancel,
  sweep,
  outlast,  ///< waits until every hold that was made so far is over
};

struct PlannedCall {
  CallKind kind = CallKind::reserve;
  std::int64_t quantity = 1;  ///< reserve
  std::size_t my_hold = 0;    ///< purchase, cancel: of those this thread made; no such: no call
  bool operator==(const PlannedCall&) const = default;
};

/// So short that holds run out within a plan; of some plans so long that one is certainly active
/// while a few calls are made, on any engine and a busy machine.
inline constexpr std::chrono::milliseconds k_short_hold{3};
inline constexpr std::chrono::milliseconds k_long_hold{30};

struct ConcurrentPlan {
  std::int64_t capacity = 1;
  std::chrono::milliseconds hold = k_short_hold;
  std::vector<PlannedCall> prefix;                ///< by the first thread, before the others begin
  std::vector<std::vector<PlannedCall>> threads;  ///< at least one; each of one user

  std::size_t calls() const;
  bool operator==(const ConcurrentPlan&) const = default;
};

inline constexpr std::size_t k_plan_calls_max = 12;
inline constexpr std::int64_t k_plan_capacity_max = 12;

/// Two to four threads, at most k_plan_calls_max calls.
rc::Gen<ConcurrentPlan> any_concurrent_plan();

/// Plans that are smaller by one step, the largest steps first: a thread or the prefix less, a call
/// less, the same calls by fewer threads, shorter holds, fewer tickets, an earlier hold. None where
/// there is nothing left to take away.
std::vector<ConcurrentPlan> smaller_plans(const ConcurrentPlan& plan);

/// "reserve 2", "cancel my hold 1".
std::string text_of(const PlannedCall& call);
/// A line for capacity and holds, if these are long, and one for each thread.
std::ostream& operator<<(std::ostream& out, const ConcurrentPlan& plan);

}  // namespace boxoffice::tests
