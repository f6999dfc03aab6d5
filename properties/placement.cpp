// See placement.hpp.
#include "properties/placement.hpp"

#include <algorithm>

#include "properties/findings.hpp"
#include "properties/sort_by_number.hpp"

namespace boxoffice::properties {
namespace {

bool mutates(const Operation& operation) {
  return operation.made_reservation() || operation.ok(Function::cancel);
}

/// The change that the reply of `operation` acknowledges.
void place_acknowledged(const Reservation& reservation, const Operation& operation,
                        Placement& placement) {
  const bool reserve = operation.f == Function::reserve;
  Mutator mutator;
  mutator.change = reserve ? Change::reserve : Change::cancel;
  mutator.operation = &operation;
  mutator.reservation = &reservation;
  mutator.tickets = operation.tickets > 0 ? operation.tickets : reservation.quantity;
  mutator.call_ns = operation.call_ns;
  mutator.return_ns = operation.return_ns;
  mutator.available = operation.available();
  const std::optional<Effect>& effect = reserve ? reservation.made : reservation.cancelled;
  std::optional<std::int64_t> version = operation.version();
  if (!version && effect && effect->operation == &operation) version = effect->version;
  if (version) {
    mutator.version = *version;
    placement.mutators.push_back(mutator);
  } else {
    ++placement.unplaced;
  }
}

/// What only the row knows of how the reservation was made.
void place_made(const Reservation& reservation, Placement& placement) {
  const std::optional<Effect>& made = reservation.made;
  if (!made || made->acknowledged) return;
  placement.mutators.push_back({*made->version, Change::reserve, made->operation, &reservation,
                                reservation.row->quantity, made->call_ns, made->return_ns,
                                std::nullopt});
}

/// What only the row knows of how its tickets went back.
void place_closed(const Run& run, const EventRun& event, const Reservation& reservation,
                  Placement& placement) {
  const std::optional<std::int64_t> version = unsaid_close(event, reservation);
  if (!version) return;
  const AuditedReservation* row = reservation.row;
  Mutator mutator{*version,      Change::expiry, nullptr,    &reservation,
                  row->quantity, k_ever_ns,      k_never_ns, std::nullopt};
  if (row->status == ReservationStatus::cancelled && reservation.cancelled) {
    mutator.change = Change::cancel;
    mutator.operation = reservation.cancelled->operation;
    mutator.call_ns = reservation.cancelled->call_ns;
  } else {
    mutator.call_ns = run.expires_from_ns(reservation);
    if (mutator.call_ns != k_ever_ns) mutator.operation = reservation.made->operation;
  }
  placement.mutators.push_back(mutator);
}

/// By version, then by what they are.
void sort_by_version(std::vector<Mutator>& mutators) {
  sort_by_number(mutators, [](const Mutator& mutator) { return mutator.version; });
  for (auto at = mutators.begin(); at != mutators.end();) {
    const auto end = std::find_if(
        at, mutators.end(), [&](const Mutator& mutator) { return mutator.version != at->version; });
    if (end - at > 1) {
      std::stable_sort(at, end,
                       [](const Mutator& a, const Mutator& b) { return a.change < b.change; });
    }
    at = end;
  }
}

/// Rows that expired at one version are one batch; it had to wait for the last of its holds.
void merge_batches(std::vector<Mutator>& mutators) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < mutators.size(); ++i) {
    const Mutator& next = mutators[i];
    Mutator* last = kept == 0 ? nullptr : &mutators[kept - 1];
    if (last && last->version == next.version && last->change == Change::expiry &&
        next.change == Change::expiry) {
      last->tickets += next.tickets;
      if (next.call_ns > last->call_ns) {
        last->call_ns = next.call_ns;
        last->operation = next.operation;
      }
    } else {
      mutators[kept++] = next;
    }
  }
  mutators.resize(kept);
}

}  // namespace

Placement place(const Run& run, const EventRun& event) {
  Placement placement;
  placement.mutators.reserve(event.reservations.size() + event.reservations.size() / 2);
  for (const Reservation& reservation : event.reservations) {
    for (const Operation* operation : reservation.operations) {
      if (mutates(*operation)) place_acknowledged(reservation, *operation, placement);
    }
    place_made(reservation, placement);
    place_closed(run, event, reservation, placement);
  }
  sort_by_version(placement.mutators);
  merge_batches(placement.mutators);
  for (const Operation* operation : event.operations) {
    if (operation->type == EntryType::info || mutates(*operation)) continue;
    if (operation->ok(Function::purchase) || !operation->version()) continue;
    placement.observers.push_back({*operation->version(), operation});
  }
  sort_by_number(placement.observers, [](const Observer& observer) { return observer.version; });
  return placement;
}

std::string describe(const Mutator& mutator) {
  const std::int64_t id = mutator.reservation->reservation_id;
  if (mutator.change == Change::expiry) {
    return sentence("the expiry of ", mutator.tickets, " tickets (reservation ", id, ")");
  }
  if (!mutator.operation) {
    return sentence("a ", mutator.change == Change::reserve ? "reserve" : "cancel",
                    " that nobody sent (reservation ", id, ")");
  }
  return sentence(label(mutator.operation), " of ", mutator.tickets, " tickets");
}

}  // namespace boxoffice::properties
