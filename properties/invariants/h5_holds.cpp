// H5, the holds of one user: he holds one reservation of an event at a time, so that the next is
// made after the last one ended.
//
// In the order of their versions each is held against those before it, back to the last that was
// made in the run. A purchase has no version: it is ordered by the graph. Only where the server
// says that it allows one hold a user (the header's one_hold_per_user).
#include "properties/invariants/h5_chain.hpp"
#include "properties/sort_by_number.hpp"

namespace boxoffice::properties {

UserHolds::UserHolds(const VersionedEvent& what, VersionGraph& graph, Findings& findings)
    : what_(what), graph_(graph), findings_(findings) {
  holds_.reserve(what.event.reservations.size());
}

/// Where nobody knows whether it was closed, it was in time.
UserHolds::Hold UserHolds::hold_of(const Chain& chain, std::int64_t owner, std::int64_t made) {
  Hold hold{owner, made, made, chain.reservation};
  if (chain.closed.is(Anchor::Kind::never)) hold.ended = k_never_ns;
  if (chain.closed.version) hold.ended = *chain.closed.version;
  if (chain.made.is(Anchor::Kind::placed)) hold.made_node = chain.made.node;
  if (chain.purchased.is(Anchor::Kind::placed)) hold.purchase_node = chain.purchased.node;
  return hold;
}

void UserHolds::add(const Chain& chain) {
  const Reservation& reservation = *chain.reservation;
  const auto owner = owner_of(reservation);
  const std::optional<std::int64_t> made =
      reservation.before_run ? reservation.row->event_version : chain.made.version;
  const bool counts = what_.run.header->one_hold_per_user;
  if (counts && owner && made) holds_.push_back(hold_of(chain, *owner, *made));
}

void UserHolds::order() {
  sort_by_number(holds_, [](const Hold& hold) { return hold.made; });
  sort_by_number(holds_, [](const Hold& hold) { return hold.user_id; });
  for (std::size_t next = 1; next < holds_.size(); ++next) {
    if (holds_[next].reservation->before_run) continue;
    for (std::size_t i = next; i-- > 0 && holds_[i].user_id == holds_[next].user_id;) {
      if (holds_[i].made != holds_[next].made) order(holds_[i], holds_[next]);
      if (!holds_[i].reservation->before_run) break;
    }
  }
}

void UserHolds::order(const Hold& before, const Hold& next) {
  if (before.purchase_node != VersionGraph::k_nowhere) {
    if (next.made_node != VersionGraph::k_nowhere) {
      graph_.before(before.purchase_node, next.made_node);
    }
    return;
  }
  if (before.ended <= next.made) return;
  const std::optional<Effect>& made = before.reservation->made;
  report_with_maker(what_, *next.reservation, {made ? made->operation : nullptr}, findings_, [&] {
    return sentence("was made at version ", next.made, " for user ", next.user_id,
                    ", who still held reservation ", before.reservation->reservation_id);
  });
}

}  // namespace boxoffice::properties
