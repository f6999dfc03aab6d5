// H5, third part: the order of the versions agrees with real time and with each reservation's
// chain.
//
// Real time: whatever returned before another was called is placed before it. The chain places what
// carries no version: a reservation is made, then found, then purchased, or closed; refusals come
// after what they prove; and a user has one active hold of an event at most, so the next one is
// made after the last one ended. Together they are a precedence graph (version_graph.hpp); a
// purchase acknowledged after what excludes it, or a stale reply, shows as a conflict or as a
// circle. It does not use the hold time but in two bounds: an expiry cannot be placed before its
// holds may have expired (placement.cpp), and no purchase may be sent when its hold has certainly
// expired.
#include <algorithm>
#include <iterator>
#include <limits>
#include <tuple>

#include "properties/invariants/h5_parts.hpp"
#include "properties/version_graph.hpp"

namespace boxoffice::properties {
namespace {

/// Where a reservation's tickets went back, as far as anybody knows.
std::optional<std::int64_t> closed_version(const Reservation& reservation) {
  if (reservation.cancelled && reservation.cancelled->version)
    return reservation.cancelled->version;
  return reservation.row ? reservation.row->closed_event_version : std::nullopt;
}

class Chains {
 public:
  Chains(const VersionedEvent& what, VersionGraph& graph, Findings& findings)
      : what_(what), graph_(graph), findings_(findings) {}

  void add(const Reservation& reservation) {
    Chain chain;
    chain.reservation = &reservation;
    chain.closed = closed_version(reservation);
    if (reservation.made) chain.made = reservation.made->version;
    if (chain.made) chain.made_node = graph_.hub(*chain.made);
    if (chain.closed) chain.closed_node = graph_.hub(*chain.closed);
    if (reservation.purchased && !chain.closed) {
      chain.purchase_node = graph_.node(*reservation.purchased);
      if (chain.made_node) graph_.before(*chain.made_node, *chain.purchase_node);
    }
    if (chain.made && chain.closed && *chain.closed <= *chain.made) closed_before_made(chain);
    check_late_purchase(chain);
    for (const Operation* operation : reservation.operations) {
      if (operation->found_reservation()) {
        add_found(chain, *operation);
      } else if (operation->type == EntryType::fail) {
        add_refusal(chain, *operation);
      }
    }
    const auto owner = owner_of(reservation);
    if (!owner || !chain.made) return;
    holds_.push_back({*owner, *chain.made, &reservation, chain.purchase_node.value_or(k_none)});
  }

  /// Once, after the last add: the next hold of a user comes after the one before it ended.
  void add_holds() {
    std::sort(holds_.begin(), holds_.end(), [](const Hold& a, const Hold& b) {
      return std::tie(a.user_id, a.made) < std::tie(b.user_id, b.made);
    });
    for (std::size_t i = 1; i < holds_.size(); ++i) {
      const Hold &before = holds_[i - 1], &next = holds_[i];
      if (before.user_id != next.user_id || before.made == next.made) continue;
      const auto next_node = graph_.hub(next.made);
      const auto closed = closed_version(*before.reservation);
      if (before.purchase_node != k_none) {
        if (next_node) graph_.before(before.purchase_node, *next_node);
      } else if (closed ? *closed > next.made : still_held(*before.reservation)) {
        two_holds(before, next);
      }
    }
  }

 private:
  using Node = VersionGraph::Node;

  struct Chain {
    const Reservation* reservation = nullptr;
    std::optional<std::int64_t> made, closed;
    std::optional<Node> made_node, closed_node, purchase_node;
  };
  struct Hold {
    std::int64_t user_id = 0;
    std::int64_t made = 0;
    const Reservation* reservation = nullptr;
    Node purchase_node = 0;
  };
  static constexpr Node k_none = std::numeric_limits<Node>::max();

  static bool still_held(const Reservation& reservation) {
    return reservation.row && reservation.row->status == ReservationStatus::reserved;
  }

  /// A reply 200 either found the user's active hold, or, for the same request_id, the reservation
  /// in whatever state it is. True where it is certain that it was reserved then.
  static bool saw_reserved(const Chain& chain, const Operation& found) {
    if (found.out().status) return *found.out().status == ReservationStatus::reserved;
    const std::string& request = found.invocation->request_id;
    const Reservation& reservation = *chain.reservation;
    if (reservation.row) return reservation.row->request_id != request;
    return reservation.made && reservation.made->operation->invocation->request_id != request;
  }

  void add_found(const Chain& chain, const Operation& found) {
    const Node node = graph_.node(found);
    const bool reserved = saw_reserved(chain, found);
    const std::optional<std::int64_t> version = found.version();
    if (!version) {
      if (chain.made_node) graph_.before(*chain.made_node, node);
      if (reserved && chain.closed_node) graph_.before(node, *chain.closed_node);
    } else if (chain.made && *version < *chain.made) {
      misplaced(chain, found, "made", *chain.made);
    } else if (reserved && chain.closed && *version >= *chain.closed) {
      misplaced(chain, found, "closed", *chain.closed);
    }
    if (!chain.purchase_node) return;
    if (reserved) graph_.before(node, *chain.purchase_node);
    if (found.out().status == ReservationStatus::purchased) {
      graph_.before(*chain.purchase_node, node);
    }
  }

  void add_refusal(const Chain& chain, const Operation& refusal) {
    const std::string& code = refusal.code();
    const Reservation& reservation = *chain.reservation;
    const bool over = code == "not_cancellable";
    if (chain.purchase_node && reservation.purchased->acknowledged &&
        (over || code == "already_purchased")) {
      graph_.before(*chain.purchase_node, graph_.node(refusal));
    }
    // Not where it expired: a server may refuse what has expired before a sweep has met it.
    if (chain.closed_node && reservation.cancelled && (over || code == "already_cancelled")) {
      graph_.before(*chain.closed_node, graph_.node(refusal));
    }
    if (refusal.completion->error.http == 404 && chain.made_node &&
        owner_of(reservation) == refusal.in().user_id) {
      graph_.before(graph_.node(refusal), *chain.made_node);
    }
  }

  void closed_before_made(const Chain& chain) {
    violation(*chain.reservation, nullptr, [&] {
      return sentence("was made at version ", *chain.made, " but closed at version ",
                      *chain.closed);
    });
  }

  void misplaced(const Chain& chain, const Operation& found, const char* how,
                 std::int64_t version) {
    violation(*chain.reservation, &found, [&] {
      return sentence("was found by ", label(&found), " at version ", *found.version(),
                      ", but it was ", how, " at version ", version);
    });
  }

  void check_late_purchase(const Chain& chain) {
    const auto& [made, purchased] = std::tie(chain.reservation->made, chain.reservation->purchased);
    if (!made || !purchased || !purchased->acknowledged || what_.run.hold_ns() <= 0) return;
    if (made->return_ns == k_never_ns) return;
    const std::int64_t held_ns = purchased->call_ns - made->return_ns;
    if (held_ns <= what_.run.hold_ns() + what_.run.slack_ns()) return;
    violation(*chain.reservation, purchased->operation, [&] {
      return sentence("was purchased by ", label(purchased->operation), ", sent ",
                      held_ns / 1'000'000, " ms after its reserve returned, but holds last ",
                      what_.run.hold_ns() / 1'000'000, " ms");
    });
  }

  void two_holds(const Hold& before, const Hold& next) {
    violation(*next.reservation, before.reservation->made->operation, [&] {
      return sentence("was made at version ", next.made, " for user ", next.user_id,
                      ", who still held reservation ", before.reservation->reservation_id);
    });
  }

  template <class Message>
  void violation(const Reservation& reservation, const Operation* other, Message&& message) {
    const Operation* maker = reservation.made ? reservation.made->operation : nullptr;
    findings_.violation(what_.event.id(), complete_ns({maker, other}), [&] {
      return Contradiction{sentence("reservation ", reservation.reservation_id, " of event ",
                                    what_.event.id(), " ", message()),
                           indices({maker, other}),
                           {reservation.reservation_id}};
    });
  }

  const VersionedEvent& what_;
  VersionGraph& graph_;
  Findings& findings_;
  std::vector<Hold> holds_;
};

void report_conflict(const EventRun& event, const VersionGraph& graph,
                     const Precedence::Conflict& conflict, Findings& findings) {
  const Operation* early = graph.operation(conflict.early);
  const Operation* late = graph.operation(conflict.late);
  findings.violation(event.id(), complete_ns({early, late}), [&] {
    return Contradiction{
        sentence(graph.describe(conflict.late), " returned before ", graph.describe(conflict.early),
                 " could begin, yet has to come after it in event ", event.id()),
        indices({late, early}),
        {}};
  });
}

void report_circle(const EventRun& event, const VersionGraph& graph,
                   const std::vector<Precedence::Node>& circle, Findings& findings) {
  constexpr std::size_t k_named = 6;
  std::vector<Precedence::Node> named;
  for (std::size_t i = 0; i < circle.size(); ++i) {
    const Precedence::Node before = circle[(i + circle.size() - 1) % circle.size()];
    const Precedence::Node after = circle[(i + 1) % circle.size()];
    const bool turn =
        !graph.is_versioned(before) || !graph.is_versioned(circle[i]) || !graph.is_versioned(after);
    if (turn && named.size() < k_named) named.push_back(circle[i]);
  }
  if (named.empty())
    named.assign(circle.begin(),
                 circle.begin() + std::min<std::ptrdiff_t>(k_named, std::ssize(circle)));
  std::int64_t at_ns = k_ever_ns;
  Contradiction found;
  for (const Precedence::Node node : named) {
    const Operation* operation = graph.operation(node);
    if (operation) at_ns = std::max(at_ns, operation->call_ns);
    if (operation) found.operations.push_back(operation->index());
    found.message += sentence(found.message.empty() ? "" : ", then ", graph.describe(node));
  }
  found.message += sentence(", and then the first again: no order of event ", event.id(), " fits");
  findings.violation(event.id(), at_ns == k_ever_ns ? k_never_ns : at_ns, [&] { return found; });
}

}  // namespace

void check_order(const VersionedEvent& what, Findings& findings) {
  VersionGraph graph(what.event, what.placement, what.first(), what.last());
  Chains chains(what, graph, findings);
  for (const Reservation& reservation : what.event.reservations) chains.add(reservation);
  chains.add_holds();
  const Precedence::Result result = graph.solve();
  for (const Precedence::Conflict& conflict : result.conflicts) {
    report_conflict(what.event, graph, conflict, findings);
  }
  if (!result.circle.empty()) report_circle(what.event, graph, result.circle, findings);
}

}  // namespace boxoffice::properties
