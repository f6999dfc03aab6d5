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
#include <algorithm>
#include <array>

#include "properties/invariants/h5_parts.hpp"
#include "properties/names.hpp"
#include "properties/sort_by_number.hpp"

namespace boxoffice::properties {
namespace {

using Node = VersionGraph::Node;

/// Where something stands that happens to a reservation at most once.
struct Anchor {
  enum class Kind { unknown, never, before_run, placed };
  Kind kind = Kind::unknown;
  Node node = 0;  ///< where it is placed
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

class Chains {
 public:
  Chains(const VersionedEvent& what, VersionGraph& graph, Findings& findings)
      : what_(what), graph_(graph), findings_(findings) {
    holds_.reserve(what.event.reservations.size());
  }

  void add(const Reservation& reservation) {
    const Chain chain = chain_of(reservation);
    check_claims(chain);
    add_purchase(chain);
    for (const Operation* operation : reservation.operations) {
      if (operation->found_reservation()) {
        add_found(chain, *operation);
      } else if (operation->type == EntryType::fail) {
        add_refusal(chain, *operation);
      }
    }
    const auto owner = owner_of(reservation);
    const std::optional<std::int64_t> made =
        reservation.before_run ? reservation.row->event_version : chain.made.version;
    const bool counts = what_.run.header->one_hold_per_user;
    if (counts && owner && made) holds_.push_back(hold_of(chain, *owner, *made));
  }

  /// Once, after the last add: the next hold of a user comes after those before it ended.
  void add_holds() {
    sort_by_number(holds_, [](const Hold& hold) { return hold.made; });
    sort_by_number(holds_, [](const Hold& hold) { return hold.user_id; });
    for (std::size_t next = 1; next < holds_.size(); ++next) {
      if (holds_[next].reservation->before_run) continue;
      for (std::size_t i = next; i-- > 0 && holds_[i].user_id == holds_[next].user_id;) {
        if (holds_[i].made != holds_[next].made) add_next_hold(holds_[i], holds_[next]);
        if (!holds_[i].reservation->before_run) break;
      }
    }
  }

 private:
  using Kind = Anchor::Kind;

  /// What is kept of a chain until all are there: small, since there may be a million.
  struct Hold {
    std::int64_t user_id = 0;
    std::int64_t made = 0;
    std::int64_t ended = 0;  ///< the version at which it was closed; never: it was not
    const Reservation* reservation = nullptr;
    Node made_node = VersionGraph::k_nowhere;
    Node purchase_node = VersionGraph::k_nowhere;
  };

  /// Where nobody knows whether it was closed, it was in time.
  static Hold hold_of(const Chain& chain, std::int64_t owner, std::int64_t made) {
    Hold hold{owner, made, made, chain.reservation};
    if (chain.closed.is(Kind::never)) hold.ended = k_never_ns;
    if (chain.closed.version) hold.ended = *chain.closed.version;
    if (chain.made.is(Kind::placed)) hold.made_node = chain.made.node;
    if (chain.purchased.is(Kind::placed)) hold.purchase_node = chain.purchased.node;
    return hold;
  }

  /// Whether the rows say all that happened: without them, what nobody saw may have.
  bool audited() const { return what_.event.end != nullptr; }

  Anchor nowhere() const { return {audited() ? Kind::never : Kind::unknown, 0, {}}; }

  Anchor at_version(std::optional<std::int64_t> version) const {
    const auto node = version ? graph_.hub(*version) : std::nullopt;
    return {node ? Kind::placed : Kind::unknown, node.value_or(0), version};
  }

  /// Only where no row says that nobody did.
  std::int64_t unanswered_end_of(const Reservation& reservation) const {
    std::int64_t from_ns = k_never_ns;
    if (audited()) return from_ns;
    for (const Operation* operation : reservation.operations) {
      const bool ends = operation->indeterminate(Function::purchase) ||
                        operation->indeterminate(Function::cancel);
      if (ends) from_ns = std::min(from_ns, operation->call_ns);
    }
    return from_ns;
  }

  Chain chain_of(const Reservation& reservation) {
    Chain chain{&reservation, nowhere(), nowhere(), nowhere(), unanswered_end_of(reservation)};
    if (reservation.before_run) {
      chain.made.kind = Kind::before_run;
    } else if (reservation.made) {
      chain.made = at_version(reservation.made->version);
    }
    if (reservation.purchased) {
      chain.purchased = {Kind::placed, graph_.node(*reservation.purchased), {}};
    }
    const std::optional<std::int64_t> unsaid = unsaid_close(what_.event, reservation);
    if (closed_before_run(what_.event, reservation)) {
      chain.closed.kind = Kind::before_run;
      chain.closed.version = reservation.row->closed_event_version;
    } else if (reservation.cancelled && reservation.cancelled->version) {
      chain.closed = at_version(reservation.cancelled->version);
    } else if (unsaid) {
      chain.closed = at_version(unsaid);
    }
    return chain;
  }

  void check_claims(const Chain& chain) {
    if (chain.made.is(Kind::placed) && chain.closed.version &&
        *chain.closed.version <= *chain.made.version) {
      contradiction(*chain.reservation, {}, [&] {
        return sentence("was made at version ", *chain.made.version, " but closed at version ",
                        *chain.closed.version);
      });
    }
    const Reservation& reservation = *chain.reservation;
    if (reservation.operations.empty() && !reservation.purchased) return;
    const Claims claims = claims_of(what_.event, reservation);
    if (claims.makers_count > 1) {
      contradiction(*chain.reservation, {claims.makers[0], claims.makers[1]},
                    [&] { return "was made twice"; });
    }
    if (claims.ends_count > 1) {
      report(*chain.reservation, {claims.ends[0], claims.ends[1]}, [&] {
        return sentence("ended twice: ", end_named(chain, claims.ends[0]), " and ",
                        end_named(chain, claims.ends[1]));
      });
    }
    if (chain.made.is(Kind::never) && claims.ends_count > 0) {
      contradiction(*chain.reservation, {claims.ends[0]},
                    [&] { return "was purchased or closed, but nobody made it"; });
    }
  }

  static std::string end_named(const Chain& chain, const Operation* end) {
    if (end) return label(end);
    return std::string("by its row it was ").append(name_of(chain.closed_as()));
  }

  void add_purchase(const Chain& chain) {
    if (!chain.purchased.is(Kind::placed)) return;
    after(chain, chain.made, chain.purchased.node, nullptr);
    const Effect& purchased = *chain.reservation->purchased;
    const std::int64_t until_ns = what_.run.active_until_ns(*chain.reservation);
    if (purchased.call_ns <= until_ns) {
      graph_.not_after(chain.purchased.node, until_ns);
      return;
    }
    contradiction(*chain.reservation, {purchased.operation}, [&] {
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
    contradiction(*chain.reservation, {&found}, [&] {
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
    contradiction(*chain.reservation, {&operation}, [&] {
      return sentence("was ", name_of(status), " by the reply to ", label(&operation),
                      ", but it was ", name_of(chain.closed_as()));
    });
  }

  /// `node` (of `operation`, for the message) comes after the anchor.
  void after(const Chain& chain, const Anchor& anchor, Node node, const Operation* operation) {
    const bool already = operation && anchor.version && operation->version() >= anchor.version;
    if (anchor.is(Kind::placed) && !already) graph_.before(anchor.node, node);
    if (!anchor.is(Kind::never) || !operation) return;
    contradiction(*chain.reservation, {operation}, [&] {
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
      contradiction(*chain.reservation, {operation}, [&] {
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

  void add_next_hold(const Hold& before, const Hold& next) {
    if (before.purchase_node != VersionGraph::k_nowhere) {
      if (next.made_node != VersionGraph::k_nowhere) {
        graph_.before(before.purchase_node, next.made_node);
      }
      return;
    }
    if (before.ended <= next.made) return;
    const std::optional<Effect>& made = before.reservation->made;
    contradiction(*next.reservation, {made ? made->operation : nullptr}, [&] {
      return sentence("was made at version ", next.made, " for user ", next.user_id,
                      ", who still held reservation ", before.reservation->reservation_id);
    });
  }

  /// Shows the operation that made the reservation, too.
  template <class Message>
  void contradiction(const Reservation& reservation, std::vector<const Operation*> operations,
                     Message&& message) {
    if (reservation.made) operations.insert(operations.begin(), reservation.made->operation);
    report(reservation, operations, message);
  }

  template <class Message>
  void report(const Reservation& reservation, const std::vector<const Operation*>& operations,
              Message&& message) {
    std::int64_t at_ns = k_ever_ns;
    for (const Operation* operation : operations) {
      if (operation) at_ns = std::max(at_ns, operation->call_ns);
    }
    findings_.violation(what_.event.id(), at_ns == k_ever_ns ? k_never_ns : at_ns, [&] {
      return Contradiction{sentence("reservation ", reservation.reservation_id, " of event ",
                                    what_.event.id(), " ", message()),
                           indices(operations),
                           {reservation.reservation_id}};
    });
  }

  const VersionedEvent& what_;
  VersionGraph& graph_;
  Findings& findings_;
  std::vector<Hold> holds_;
};

}  // namespace

void add_chains(const VersionedEvent& what, VersionGraph& graph, Findings& findings) {
  Chains chains(what, graph, findings);
  for (const Reservation& reservation : what.event.reservations) chains.add(reservation);
  chains.add_holds();
}

}  // namespace boxoffice::properties
