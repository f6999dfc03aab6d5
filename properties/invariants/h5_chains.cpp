// H5, the chains: what happened to each reservation, and to each user's holds, puts an order on
// what carries no version.
//
// A reservation is made, then found, then ends once: purchased, cancelled or expired. Every reply
// that names it says something of where it stood: a 200 came between its making and its end,
// "already purchased" after the purchase, a 404 to its owner before it was made. And a user holds
// one reservation of an event at a time, so that the next is made after the last one ended. Each of
// these is an edge of the graph between two known places (Anchor), so that together they are
// satisfied exactly where the graph has an order; what has no place at all is a violation here. Two
// bounds come from the hold time: no purchase after the hold certainly expired, nor is it found
// active by another request then, and no refusal for expiry before it may have. What the database
// would have to tell, without it is not asked.
#include "properties/invariants/h5_chain.hpp"

namespace boxoffice::properties {
namespace {

using Node = VersionGraph::Node;

class Chains {
 public:
  Chains(const VersionedEvent& what, VersionGraph& graph, Findings& findings)
      : what_(what), graph_(graph), findings_(findings), holds_(what, graph, findings) {}

  /// Once, after the last add.
  void add_holds() { holds_.order(); }

  void add(const Reservation& reservation) {
    const Chain chain = chain_of(what_, graph_, reservation);
    check_life(what_, chain, findings_);
    add_purchase(chain);
    for (const Operation* operation : reservation.operations) {
      if (operation->found_reservation()) {
        add_found(chain, *operation);
      } else if (operation->type == EntryType::fail) {
        add_refusal(chain, *operation);
      }
    }
    holds_.add(chain);
  }

 private:
  using Kind = Anchor::Kind;

  /// Whether the rows say all that happened: without them, what nobody saw may have.
  bool audited() const { return what_.event.end != nullptr; }

  void add_purchase(const Chain& chain) {
    if (!chain.purchased.is(Kind::placed)) return;
    after(chain, chain.made, chain.purchased.node, nullptr);
    const Effect& purchased = *chain.reservation->purchased;
    const std::int64_t until_ns = what_.run.active_until_ns(*chain.reservation);
    if (purchased.call_ns <= until_ns) {
      graph_.not_after(chain.purchased.node, until_ns);
      return;
    }
    contradiction(chain, purchased.operation, [&] {
      const std::int64_t held_ns = purchased.call_ns - chain.reservation->made->return_ns;
      return sentence("was purchased by ", label(purchased.operation), ", sent ",
                      held_ns / 1'000'000, " ms after its reserve returned, but holds last ",
                      what_.run.hold_ns() / 1'000'000, " ms");
    });
  }

  void add_found(const Chain& chain, const Operation& found) {
    using enum ReservationStatus;
    const Node node = graph_.node(found);
    after(chain, chain.made, node, &found);
    if (saw_reserved(*chain.reservation, found)) {
      before(chain, node, chain.purchased, "purchased", &found);
      before(chain, node, chain.closed, "closed", &found);
      if (saw_active(*chain.reservation, found)) found_in_time(chain, node, found);
    } else if (found.out().status == purchased) {
      after(chain, chain.purchased, node, &found);
    } else if (found.out().status) {
      after_end_as(chain, *found.out().status, node, found);
    }
  }

  void found_in_time(const Chain& chain, Node node, const Operation& found) {
    const std::int64_t until_ns = what_.run.active_until_ns(*chain.reservation);
    if (found.call_ns <= until_ns) return graph_.not_after(node, until_ns);
    contradiction(chain, &found, [&] {
      return sentence("was found active by ", label(&found), ", sent ",
                      (found.call_ns - until_ns) / 1'000'000, " ms after it was certainly over");
    });
  }

  void add_refusal(const Chain& chain, const Operation& refusal) {
    using enum ReservationStatus;
    const std::string& code = refusal.code();
    if (refusal.completion->error.http == 404) {
      if (owner_of(*chain.reservation) == refusal.in().user_id) {
        before(chain, graph_.node(refusal), chain.made, "made", &refusal);
      }
    } else if (code == "already_purchased") {
      after(chain, chain.purchased, graph_.node(refusal), &refusal);
    } else if (code == "already_cancelled") {
      after_end_as(chain, cancelled, graph_.node(refusal), refusal);
    } else if (code == "not_cancellable" || code == "reservation_expired") {
      add_refusal_of_ended(chain, refusal, code == "not_cancellable");
    }
  }

  /// Of what was purchased: after that. A cancel is refused after another cancel, too. Else it has
  /// expired, which a server may say before any sweep has met it.
  void add_refusal_of_ended(const Chain& chain, const Operation& refusal, bool of_cancel) {
    const Node node = graph_.node(refusal);
    if (!of_cancel && what_.run.clock_moved_us != 0) {  // set back, and it is active again
      return after(chain, chain.made, node, &refusal);
    }
    if (chain.purchased.is(Kind::placed)) {
      after(chain, chain.purchased, node, &refusal);
      if (of_cancel) return;
    } else if (of_cancel && chain.reservation->cancelled) {
      return after(chain, chain.closed, node, &refusal);
    }
    after(chain, chain.made, node, &refusal);
    if (chain.unanswered_end_from_ns <= refusal.return_ns) return;
    const std::int64_t from_ns = what_.run.expires_from_ns(*chain.reservation);
    const bool ended = chain.reservation->purchased || chain.reservation->cancelled;
    if (!audited() && ended) {  // a server that is judged by its replies may call that expired, too
      if (refusal.return_ns < from_ns && chain.reservation->cancelled) {
        after(chain, chain.closed, node, &refusal);
      }
      return;
    }
    graph_.not_before(node, from_ns);
  }

  void after_end_as(const Chain& chain, ReservationStatus status, Node node,
                    const Operation& operation) {
    after(chain, chain.closed, node, &operation);
    const bool known = chain.closed.is(Kind::placed) || chain.closed.is(Kind::before_run);
    if (!known || status == chain.closed_as()) return;
    contradiction(chain, &operation, [&] {
      return sentence("was ", name_of(status), " by the reply to ", label(&operation),
                      ", but it was ", name_of(chain.closed_as()));
    });
  }

  /// `node` (of `operation`, for the message) comes after the anchor.
  void after(const Chain& chain, const Anchor& anchor, Node node, const Operation* operation) {
    const bool already = operation && anchor.version && operation->version() >= anchor.version;
    if (anchor.is(Kind::placed) && !already) graph_.before(anchor.node, node);
    if (!anchor.is(Kind::never) || !operation) return;
    contradiction(chain, operation, [&] {
      return sentence("is in the reply to ", label(operation),
                      " as it was after a change that nobody made");
    });
  }

  void before(const Chain& chain, Node node, const Anchor& anchor, const char* what,
              const Operation* operation) {
    const std::optional<std::int64_t> version = operation->version();
    const bool comparable = version && anchor.version;
    const bool later = comparable && *version >= *anchor.version;
    if (anchor.is(Kind::before_run) || later) {
      contradiction(chain, operation, [&] {
        const std::string at = anchor.version ? sentence("at version ", *anchor.version)
                                              : std::string("before the run");
        return sentence("was found as if before that by ", label(operation),
                        version ? sentence(" at version ", *version) : "", ", but it was ", what,
                        " ", at);
      });
    } else if (anchor.is(Kind::placed) && !comparable) {
      graph_.before(node, anchor.node);
    }
  }

  template <class Message>
  void contradiction(const Chain& chain, const Operation* operation, Message&& message) {
    report_with_maker(what_, *chain.reservation, {operation}, findings_, message);
  }

  const VersionedEvent& what_;
  VersionGraph& graph_;
  Findings& findings_;
  UserHolds holds_;
};

}  // namespace

void add_chains(const VersionedEvent& what, VersionGraph& graph, Findings& findings) {
  Chains chains(what, graph, findings);
  for (const Reservation& reservation : what.event.reservations) chains.add(reservation);
  chains.add_holds();
}

}  // namespace boxoffice::properties
