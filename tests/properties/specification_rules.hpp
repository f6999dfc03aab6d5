// The rules of one event, as the specification has them: what may happen next in a world, and how
// the world is then. A world is a pure value, and equal worlds have equal futures.
//
// Time is a number that only grows: the earliest moment at which the world can be as it is. What
// happens next waits for what it needs (a call, the end of a hold's time) and must not wait too
// long (a reply, the end of a hold's time).
#pragma once

#include <algorithm>
#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "properties/operations.hpp"

namespace boxoffice::properties::specification {

/// A reservation, from its making on.
struct Hold {
  std::int64_t id = 0;
  std::int64_t user_id = 0;
  std::int64_t tickets = 0;
  std::string_view request_id;
  ReservationStatus status = ReservationStatus::reserved;
  std::int64_t made_call_ns = k_ever_ns;     ///< not made before that; ever: before the run
  std::int64_t made_return_ns = k_never_ns;  ///< nor after that; never: nobody was told
  std::int64_t version = 0;
  std::optional<std::int64_t> closed_version = {};
  std::int64_t over_ns = k_never_ns;  ///< who asks after that does not find it active

  auto operator<=>(const Hold&) const = default;
};

struct World {
  std::int64_t now_ns = k_ever_ns;
  std::int64_t available = 0;
  std::int64_t version = 0;
  std::uint32_t answered = 0;    ///< operations, by their bits
  std::uint32_t looking_up = 0;  ///< reserves that lost their COMMIT and are not answered yet
  std::vector<Hold> holds;       ///< by id

  auto operator<=>(const World&) const = default;

  /// Null: there is none.
  Hold* find(std::int64_t id) {
    const auto at = std::ranges::find(holds, id, &Hold::id);
    return at == holds.end() ? nullptr : &*at;
  }
  void add(const Hold& hold) {
    holds.insert(std::ranges::lower_bound(holds, hold.id, {}, &Hold::id), hold);
  }
  bool has_answered(std::size_t operation) const { return (answered >> operation & 1U) != 0; }
};

/// What is asked of the rules.
struct Question {
  const Header& header;
  const std::vector<Operation>& operations;  ///< 32 at most
  bool lenient = false;
  bool rows_known = false;
  /// Of each operation: the reservations that it may have made.
  std::vector<std::vector<std::int64_t>> ids = {};

  /// A hold lasts its time, give or take the slack of the clocks, from the moment at which it was
  /// made. When that was, within the reserve's interval, is not remembered: each of the two bounds
  /// takes the moment that suits it, so that they overlap by as long as the reserve took.
  std::int64_t ends_from_ns(const Hold& hold) const {
    const std::int64_t least_ns = header.hold_us * 1000 - slack_ns();
    const bool any_time = hold.made_call_ns == k_ever_ns || least_ns <= 0;
    return any_time ? k_ever_ns : hold.made_call_ns + least_ns;
  }
  std::int64_t ends_until_ns(const Hold& hold) const {
    if (hold.made_return_ns == k_never_ns) return k_never_ns;
    return hold.made_return_ns + header.hold_us * 1000 + slack_ns();
  }
  /// One microsecond more than the header says: the database writes its moments in whole ones.
  std::int64_t slack_ns() const { return (header.clock_slack_us + 1) * 1000; }
};

/// Every world that may come next: an operation has been answered as it was, or a sweep has met
/// holds whose time was over. Only what can begin by `deadline_ns`, and some of it too late.
std::vector<World> steps_from(const Question& question, const World& world,
                              std::int64_t deadline_ns);

}  // namespace boxoffice::properties::specification
