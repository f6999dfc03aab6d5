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
  repeat,   ///< a reserve of this thread once more, with the same request id
};

struct PlannedCall {
  CallKind kind = CallKind::reserve;
  std::int64_t quantity = 1;  ///< reserve
  /// purchase, cancel: of the holds this thread made, or of everyone's; repeat: of its reserves. No
  /// such: no call.
  std::size_t number = 0;
  bool anyones = false;      ///< purchase, cancel: of everyone's holds, in the order they were made
  bool lost_commit = false;  ///< reserve, purchase, cancel: COMMIT is done, and its answer lost
  bool operator==(const PlannedCall&) const = default;

  bool names_hold() const { return kind == CallKind::purchase || kind == CallKind::cancel; }
  bool may_lose_commit() const { return kind == CallKind::reserve || names_hold(); }
};

/// So short that holds run out within a plan; of some plans so long that one is certainly active
/// while a few calls are made, on any engine and a busy machine.
inline constexpr std::chrono::milliseconds k_short_hold{3};
inline constexpr std::chrono::milliseconds k_long_hold{30};

struct ConcurrentPlan {
  std::int64_t capacity = 1;
  std::chrono::milliseconds hold = k_short_hold;
  std::size_t servers = 1;  ///< instances of the strategy; thread t calls number t % servers
  std::vector<PlannedCall> prefix;                ///< by the first thread, before the others begin
  std::vector<std::vector<PlannedCall>> threads;  ///< at least one; each of one user

  std::size_t calls() const;
  bool loses_commits() const;
  bool operator==(const ConcurrentPlan&) const = default;
};

inline constexpr std::size_t k_plan_servers_max = 2;
inline constexpr std::size_t k_plan_calls_max = 12;
inline constexpr std::int64_t k_plan_capacity_max = 12;

/// Two to four threads, at most k_plan_calls_max calls.
rc::Gen<ConcurrentPlan> any_concurrent_plan();

/// Plans that are smaller by one step, the largest steps first: a thread or the prefix less, a call
/// less, the same calls by fewer threads, one server, shorter holds, fewer tickets, a COMMIT that
/// is not lost, an earlier hold. None where there is nothing left to take away.
std::vector<ConcurrentPlan> smaller_plans(const ConcurrentPlan& plan);

/// "reserve 2", "cancel anyone's hold 1 (COMMIT's answer is lost)".
std::string text_of(const PlannedCall& call);
/// A line for capacity, servers if they are two, and holds if these are long; one for each thread.
std::ostream& operator<<(std::ostream& out, const ConcurrentPlan& plan);

}  // namespace boxoffice::tests
