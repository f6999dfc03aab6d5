// One reservation as H5 orders it: where it was made, purchased and closed, and how a violation of
// it is said. h5_chain.cpp finds that out, h5_chains.cpp holds the replies against it, h5_holds.cpp
// the holds of one user against each other.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "properties/invariants/h5_parts.hpp"
#include "properties/names.hpp"

namespace boxoffice::properties {

/// Where something stands that happens to a reservation at most once.
struct Anchor {
  enum class Kind { unknown, never, before_run, placed };
  Kind kind = Kind::unknown;
  VersionGraph::Node node = 0;  ///< where it is placed
  std::optional<std::int64_t> version;

  bool is(Kind which) const { return kind == which; }
};

struct Chain {
  const Reservation* reservation = nullptr;
  Anchor made, purchased, closed;
  std::int64_t unanswered_end_from_ns = k_never_ns;  ///< the first that may have ended it unseen

  /// How it was closed, where it was.
  ReservationStatus closed_as() const {
    return reservation->cancelled ? ReservationStatus::cancelled : ReservationStatus::expired;
  }
};

/// Places the making, the purchase and the end in the graph.
Chain chain_of(const VersionedEvent& what, VersionGraph& graph, const Reservation& reservation);

/// It was made once, then ended once at most.
void check_life(const VersionedEvent& what, const Chain& chain, Findings& findings);

/// The holds of each user, one after the other: the next is made after those before it ended.
class UserHolds {
 public:
  UserHolds(const VersionedEvent& what, VersionGraph& graph, Findings& findings);

  void add(const Chain& chain);
  /// Once, after the last add: orders them in the graph, and reports where they cannot be.
  void order();

 private:
  /// What is kept of a chain until all are there: small, since there may be a million.
  struct Hold {
    std::int64_t user_id = 0;
    std::int64_t made = 0;
    std::int64_t ended = 0;  ///< the version at which it was closed; never: it was not
    const Reservation* reservation = nullptr;
    VersionGraph::Node made_node = VersionGraph::k_nowhere;
    VersionGraph::Node purchase_node = VersionGraph::k_nowhere;
  };
  static Hold hold_of(const Chain& chain, std::int64_t owner, std::int64_t made);
  void order(const Hold& before, const Hold& next);

  const VersionedEvent& what_;
  VersionGraph& graph_;
  Findings& findings_;
  std::vector<Hold> holds_;
};

/// A violation about a reservation, which `operations` show; null ones are left out. `message()` is
/// what is said after "reservation 7 of event 1 ".
template <class Message>
void report(const VersionedEvent& what, const Reservation& reservation,
            const std::vector<const Operation*>& operations, Findings& findings,
            Message&& message) {
  std::int64_t at_ns = k_ever_ns;
  for (const Operation* operation : operations) {
    if (operation) at_ns = std::max(at_ns, operation->call_ns);
  }
  findings.violation(what.event.id(), at_ns == k_ever_ns ? k_never_ns : at_ns, [&] {
    return Contradiction{sentence("reservation ", reservation.reservation_id, " of event ",
                                  what.event.id(), " ", message()),
                         indices(operations),
                         {reservation.reservation_id}};
  });
}

/// The same, and the operation that made the reservation is shown first.
template <class Message>
void report_with_maker(const VersionedEvent& what, const Reservation& reservation,
                       std::vector<const Operation*> operations, Findings& findings,
                       Message&& message) {
  if (reservation.made) operations.insert(operations.begin(), reservation.made->operation);
  report(what, reservation, operations, findings, std::forward<Message>(message));
}

}  // namespace boxoffice::properties
