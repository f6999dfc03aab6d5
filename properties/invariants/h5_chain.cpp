// H5, one reservation's chain: where in the order of the versions it was made, purchased and
// closed, and that each happened once: made, then ended.
//
// What the replies say of it comes first, then the rows. Without rows nobody can tell that
// something never happened; with them, what has no row did not.
#include <array>
#include <string>

#include "properties/invariants/h5_chain.hpp"

namespace boxoffice::properties {
namespace {

using Kind = Anchor::Kind;

/// Whether the rows say all that happened: without them, what nobody saw may have.
bool audited(const EventRun& event) {
  return event.end != nullptr;
}

Anchor nowhere(const EventRun& event) {
  return {audited(event) ? Kind::never : Kind::unknown, 0, {}};
}

Anchor at_version(const VersionGraph& graph, std::optional<std::int64_t> version) {
  const auto node = version ? graph.hub(*version) : std::nullopt;
  return {node ? Kind::placed : Kind::unknown, node.value_or(0), version};
}

/// Only where no row says that nobody did.
std::int64_t unanswered_end_of(const EventRun& event, const Reservation& reservation) {
  std::int64_t from_ns = k_never_ns;
  if (audited(event)) return from_ns;
  for (const Operation* operation : reservation.operations) {
    const bool ends =
        operation->indeterminate(Function::purchase) || operation->indeterminate(Function::cancel);
    if (ends) from_ns = std::min(from_ns, operation->call_ns);
  }
  return from_ns;
}

/// The operations that made a reservation, or ended it; null: nobody known. The first two count.
struct Claims {
  std::array<const Operation*, 2> makers{}, ends{};
  std::size_t makers_count = 0, ends_count = 0;

  void made_by(const Operation* operation) {
    if (makers_count < makers.size()) makers[makers_count] = operation;
    ++makers_count;
  }
  void ended_by(const Operation* operation) {
    if (ends_count < ends.size()) ends[ends_count] = operation;
    ++ends_count;
  }
};

Claims claims_of(const EventRun& event, const Reservation& reservation) {
  Claims claims;
  if (reservation.before_run) claims.made_by(nullptr);
  for (const Operation* operation : reservation.operations) {
    if (operation->made_reservation()) claims.made_by(operation);
    if (operation->ok(Function::purchase) || operation->ok(Function::cancel)) {
      claims.ended_by(operation);
    }
  }
  const std::optional<Effect>& purchased = reservation.purchased;
  if (purchased && !purchased->acknowledged) claims.ended_by(purchased->operation);
  if (closed_before_run(event, reservation) || unsaid_close(event, reservation)) {
    claims.ended_by(nullptr);
  }
  return claims;
}

std::string end_named(const Chain& chain, const Operation* end) {
  if (end) return label(end);
  return std::string("by its row it was ").append(name_of(chain.closed_as()));
}

}  // namespace

Chain chain_of(const VersionedEvent& what, VersionGraph& graph, const Reservation& reservation) {
  const Anchor none = nowhere(what.event);
  Chain chain{&reservation, none, none, none, unanswered_end_of(what.event, reservation)};
  if (reservation.before_run) {
    chain.made.kind = Kind::before_run;
  } else if (reservation.made) {
    chain.made = at_version(graph, reservation.made->version);
  }
  if (reservation.purchased) {
    chain.purchased = {Kind::placed, graph.node(*reservation.purchased), {}};
  }
  const std::optional<std::int64_t> unsaid = unsaid_close(what.event, reservation);
  if (closed_before_run(what.event, reservation)) {
    chain.closed.kind = Kind::before_run;
    chain.closed.version = reservation.row->closed_event_version;
  } else if (reservation.cancelled && reservation.cancelled->version) {
    chain.closed = at_version(graph, reservation.cancelled->version);
  } else if (unsaid) {
    chain.closed = at_version(graph, unsaid);
  }
  return chain;
}

void check_life(const VersionedEvent& what, const Chain& chain, Findings& findings) {
  const Reservation& reservation = *chain.reservation;
  if (chain.made.is(Kind::placed) && chain.closed.version &&
      *chain.closed.version <= *chain.made.version) {
    report_with_maker(what, reservation, {}, findings, [&] {
      return sentence("was made at version ", *chain.made.version, " but closed at version ",
                      *chain.closed.version);
    });
  }
  if (reservation.operations.empty() && !reservation.purchased) return;
  const Claims claims = claims_of(what.event, reservation);
  if (claims.makers_count > 1) {
    report_with_maker(what, reservation, {claims.makers[0], claims.makers[1]}, findings,
                      [&] { return "was made twice"; });
  }
  if (claims.ends_count > 1) {
    report(what, reservation, {claims.ends[0], claims.ends[1]}, findings, [&] {
      return sentence("ended twice: ", end_named(chain, claims.ends[0]), " and ",
                      end_named(chain, claims.ends[1]));
    });
  }
  if (chain.made.is(Kind::never) && claims.ends_count > 0) {
    report_with_maker(what, reservation, {claims.ends[0]}, findings,
                      [&] { return "was purchased or closed, but nobody made it"; });
  }
}

}  // namespace boxoffice::properties
