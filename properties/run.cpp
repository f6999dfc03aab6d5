// See run.hpp. Joins by sorting: a million operations in a fraction of a second, without a node
// each.
#include "properties/run.hpp"

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <string>
#include <unordered_map>
#include <utility>

#include "properties/hold_times.hpp"
#include "properties/sort_by_number.hpp"

namespace boxoffice::properties {
namespace {

using Requests = std::unordered_multimap<std::string_view, const Operation*>;

/// The reserves that may have made a row without saying so with a 201: indeterminate ones, and
/// those answered 200, which may have found their own lost COMMIT again. By request_id.
Requests unsaid_reserves(const std::vector<const Operation*>& operations) {
  Requests requests;
  for (const Operation* operation : operations) {
    if (!operation->indeterminate(Function::reserve) && !operation->found_reservation()) continue;
    const std::string& id = operation->invocation->request_id;
    if (!id.empty()) requests.emplace(id, operation);
  }
  return requests;
}

/// Not before the first of those that may have done it, not after the first that had seen it done.
Effect made_by_one_of(const Requests& requests, const AuditedReservation& row) {
  Effect made;
  made.version = row.event_version;
  const auto [first, last] = requests.equal_range(row.request_id);
  for (auto it = first; it != last; ++it) {
    const Operation& candidate = *it->second;
    if (candidate.in().user_id != row.user_id) continue;
    // A 200 for another reservation: the user had a hold then, and this request made its own later.
    if (candidate.out().reservation_id.value_or(row.reservation_id) != row.reservation_id) continue;
    if (!made.operation || candidate.call_ns < made.operation->call_ns) made.operation = &candidate;
    made.return_ns = std::min(made.return_ns, candidate.return_ns);
  }
  if (made.operation) made.call_ns = made.operation->call_ns;
  return made;
}

Effect acknowledged_by(const Operation& operation, std::optional<std::int64_t> row_version) {
  Effect effect{&operation, true, operation.call_ns, operation.return_ns, operation.version()};
  if (!effect.version) effect.version = row_version;
  return effect;
}

/// What the row says has happened, done by some indeterminate operation, or by nobody known. By the
/// owner's, if there is one: others have no power over it, unless the server gave it to them (X7).
Effect filled_in(const Reservation& reservation, Function f, std::optional<std::int64_t> version) {
  Effect effect;
  effect.version = version;
  const auto take_first = [&](bool of_owner) {
    for (const Operation* operation : reservation.operations) {
      if (effect.operation || !operation->indeterminate(f)) continue;
      if (of_owner && operation->in().user_id != reservation.row->user_id) continue;
      effect.operation = operation;
      effect.call_ns = operation->call_ns;
    }
  };
  take_first(true);
  take_first(false);
  return effect;
}

std::int64_t quantity_of(const Reservation& reservation) {
  if (reservation.made && reservation.made->acknowledged) {
    return reservation.made->operation->tickets;
  }
  if (reservation.row) return reservation.row->quantity;
  for (const Operation* operation : reservation.operations) {
    if (operation->out().quantity.value_or(0) > 0) return *operation->out().quantity;
  }
  return 0;
}

void resolve(Reservation& reservation, const Requests& requests, std::int64_t hold_us) {
  const AuditedReservation* row = reservation.row;
  bool asked_until_when = false;  // it was active
  const Operation *maker = nullptr, *purchaser = nullptr, *canceller = nullptr;
  for (const Operation* operation : reservation.operations) {
    if (!maker && operation->made_reservation()) maker = operation;
    asked_until_when =
        asked_until_when || operation->found_reservation() || operation->f == Function::purchase;
    if (!purchaser && operation->ok(Function::purchase)) purchaser = operation;
    if (!canceller && operation->ok(Function::cancel)) canceller = operation;
  }
  if (maker) {
    reservation.made =
        acknowledged_by(*maker, row ? std::optional(row->event_version) : std::nullopt);
  } else if (row && !reservation.before_run) {
    reservation.made = made_by_one_of(requests, *row);
  }
  if (purchaser) {
    reservation.purchased = acknowledged_by(*purchaser, std::nullopt);
  } else if (row && row->status == ReservationStatus::purchased) {
    reservation.purchased = filled_in(reservation, Function::purchase, std::nullopt);
    // It may have been purchased before the run, and the one without reply refused.
    if (reservation.before_run) reservation.purchased->call_ns = k_ever_ns;
  }
  const bool row_cancelled = row && row->status == ReservationStatus::cancelled;
  const auto closed_version = row_cancelled ? row->closed_event_version : std::nullopt;
  if (canceller) {
    reservation.cancelled = acknowledged_by(*canceller, closed_version);
  } else if (row_cancelled) {
    reservation.cancelled = filled_in(reservation, Function::cancel, closed_version);
  }
  reservation.quantity = quantity_of(reservation);
  if (asked_until_when || reservation.purchased) {
    reservation.prolonged_us = prolonged_us(reservation, hold_us);
  }
}

using Naming = std::pair<std::int64_t, const Operation*>;

/// Sorts rows and naming operations by reservation and walks both lists at once.
void join_reservations(EventRun& event, const Header& header) {
  std::vector<Naming> naming;
  for (const Operation* operation : event.operations) {
    if (const auto id = operation->reservation()) naming.emplace_back(*id, operation);
  }
  sort_by_number(naming, [](const Naming& name) { return name.first; });
  sort_by_number(event.rows, [](const AuditedReservation* row) { return row->reservation_id; });
  event.named.reserve(naming.size());
  for (const Naming& name : naming) event.named.push_back(name.second);
  const Requests requests = unsaid_reserves(event.operations);
  event.reservations.reserve(std::max(event.rows.size(), naming.size() / 4));
  std::size_t next = 0;
  auto row = event.rows.begin();
  while (next < naming.size() || row != event.rows.end()) {
    Reservation reservation;
    reservation.reservation_id =
        next == naming.size() ? (*row)->reservation_id : naming[next].first;
    if (row != event.rows.end()) {
      reservation.reservation_id = std::min(reservation.reservation_id, (*row)->reservation_id);
    }
    const std::size_t first = next;
    while (next < naming.size() && naming[next].first == reservation.reservation_id) ++next;
    reservation.operations = std::span(event.named).subspan(first, next - first);
    if (row != event.rows.end() && (*row)->reservation_id == reservation.reservation_id) {
      reservation.row = *row++;
      reservation.before_run = header.versions &&
                               reservation.row->event_version <= event.start->version &&
                               event.start->version > 0;
    }
    resolve(reservation, requests, header.hold_us);
    event.reservations.push_back(reservation);
  }
}

using Positions = std::unordered_map<std::int64_t, std::size_t>;

/// Puts the operations of each event next to each other, in the order of their calls: whatever goes
/// through an event then goes straight through memory. (H1: each is of an event of the header.)
void group_by_event(Run& run, const Positions& positions) {
  if (run.events.size() > 1) {
    std::vector<std::size_t> begins(run.events.size() + 1);
    std::vector<std::uint32_t> event_of;
    event_of.reserve(run.operations.size());
    auto at = positions.end();
    for (const Operation& operation : run.operations) {
      const std::int64_t id = operation.invocation->event_id;
      if (at == positions.end() || at->first != id) at = positions.find(id);
      event_of.push_back(static_cast<std::uint32_t>(at->second));
      ++begins[at->second + 1];
    }
    std::partial_sum(begins.begin(), begins.end(), begins.begin());
    std::vector<Operation> grouped(run.operations.size());
    for (std::size_t i = 0; i < grouped.size(); ++i) {
      grouped[begins[event_of[i]]++] = run.operations[i];
    }
    run.operations = std::move(grouped);
  }
  auto at = positions.end();
  for (const Operation& operation : run.operations) {
    const std::int64_t id = operation.invocation->event_id;
    if (at == positions.end() || at->first != id) at = positions.find(id);
    run.events[at->second].operations.push_back(&operation);
  }
}

}  // namespace

bool closed_before_run(const EventRun& event, const Reservation& reservation) {
  return reservation.before_run &&
         reservation.row->closed_event_version.value_or(k_never_ns) <= event.start->version;
}

std::optional<std::int64_t> unsaid_close(const EventRun& event, const Reservation& reservation) {
  if (!reservation.row || closed_before_run(event, reservation)) return std::nullopt;
  const std::optional<std::int64_t>& version = reservation.row->closed_event_version;
  for (const Operation* operation : reservation.operations) {
    if (version && operation->ok(Function::cancel) &&
        operation->version().value_or(*version) == *version) {
      return std::nullopt;
    }
  }
  return version;
}

bool is_of_another(const Reservation& reservation, const Operation& found) {
  const std::string* maker = nullptr;
  if (reservation.row && !reservation.row->request_id.empty()) {
    maker = &reservation.row->request_id;
  } else if (reservation.made && reservation.made->operation) {
    maker = &reservation.made->operation->invocation->request_id;
  }
  const std::string& request = found.invocation->request_id;
  return maker && !maker->empty() && !request.empty() && *maker != request;
}

bool saw_reserved(const Reservation& reservation, const Operation& found) {
  if (found.out().status) return *found.out().status == ReservationStatus::reserved;
  const std::string& request = found.invocation->request_id;
  if (reservation.row) return reservation.row->request_id != request;
  return reservation.made && reservation.made->operation->invocation->request_id != request;
}

bool saw_active(const Reservation& reservation, const Operation& found) {
  if (!saw_reserved(reservation, found)) return false;
  const std::string& request = found.invocation->request_id;
  if (reservation.row) return reservation.row->request_id != request;
  return reservation.made && reservation.made->operation->invocation->request_id != request;
}

bool Run::may_have_ended(const Reservation& reservation, const Operation& operation) const {
  const bool purchases = operation.indeterminate(Function::purchase);
  if (!purchases && !operation.indeterminate(Function::cancel)) return false;
  const auto owner = owner_of(reservation);
  if (owner && *owner != operation.in().user_id) return false;
  return !purchases || operation.call_ns <= active_until_ns(reservation);
}

std::optional<std::int64_t> owner_of(const Reservation& reservation) {
  if (reservation.row) return reservation.row->user_id;
  if (reservation.made && reservation.made->operation) {
    return reservation.made->operation->in().user_id;
  }
  return std::nullopt;
}

namespace {

/// Without an audit: by what the server says after the run. Of several answers one that differs is
/// enough.
bool is_other_by_the_server(const History& history, const EventRun& event, bool& known) {
  known = false;
  for (const FinalCapacity& capacity : history.capacities) {
    if (capacity.event_id != event.id() || !capacity.total_tickets) continue;
    known = true;
    if (*capacity.total_tickets != event.start->total_tickets) return true;
  }
  return false;
}

/// Only where others may edit: in a database of our own nobody does, and a capacity that changes
/// there is a breach (D1).
void mark_resized(const History& history, const Audit* audit, const Positions& positions,
                  Run& run) {
  if (!history.header.others_may_edit) return;
  const auto mark = [](EventRun& event) {
    event.resized =
        "somebody changed the capacity of event " + std::to_string(event.id()) + " during the run";
  };
  for (EventRun& event : run.events) {
    bool known = true;
    const bool is_other = event.end ? event.end->total_tickets != event.start->total_tickets
                                    : is_other_by_the_server(history, event, known);
    if (is_other) mark(event);
    if (!known) {
      event.resized = "the server did not say after the run whether event " +
                      std::to_string(event.id()) + " still has its capacity";
    }
  }
  if (!audit || !audit->trail) return;
  for (const EventChange& change : audit->trail->events) {
    const auto at = positions.find(change.event_id);
    if (at != positions.end() && change.total_before != change.total_after)
      mark(run.events[at->second]);
  }
}

}  // namespace

Run join(const History& history, const Audit* audit, std::vector<Operation> operations) {
  Run run{&history.header, audit, &history.faults, std::move(operations), {}};
  for (const Breakage& breakage : history.breakages) {
    run.clock_moved_us = std::max(run.clock_moved_us, std::abs(breakage.clock_moved_us));
  }
  Positions positions;
  for (const EventCapacity& start : history.header.events) {
    positions.emplace(start.event_id, run.events.size());
    run.events.emplace_back().start = &start;
  }
  group_by_event(run, positions);
  auto at = positions.end();
  if (audit) {
    for (const AuditedEvent& end : audit->events) {
      at = positions.find(end.event_id);
      if (at != positions.end()) run.events[at->second].end = &end;
    }
    for (const AuditedReservation& row : audit->reservations) {
      if (at == positions.end() || at->first != row.event_id) at = positions.find(row.event_id);
      if (at != positions.end()) run.events[at->second].rows.push_back(&row);
    }
  }
  run.written_to_ns = ends_written_to_ns(run);
  for (EventRun& event : run.events) join_reservations(event, history.header);
  mark_resized(history, audit, positions, run);
  return run;
}

}  // namespace boxoffice::properties
