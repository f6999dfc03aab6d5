// See held_tickets.hpp. All bounds are open or closed such that equal stamps count as concurrent.
#include "properties/held_tickets.hpp"

#include <algorithm>

namespace boxoffice::properties {
namespace {

/// What the clients' own operations say of one reservation; rows are not looked at.
struct Seen {
  const Operation* maker = nullptr;            // answered 201
  const Operation* found = nullptr;            // the first answered 200
  const Operation* purchase = nullptr;         // acknowledged
  std::int64_t found_until_ns = k_never_ns;    // the earliest return of one that saw it reserved
  std::int64_t cancel_call_ns = k_never_ns;    // of any cancel that may have worked
  std::int64_t cancel_return_ns = k_never_ns;  // of an acknowledged one
};

Seen seen(const Reservation& reservation) {
  Seen result;
  for (const Operation* operation : reservation.operations) {
    if (operation->made_reservation() && !result.maker) result.maker = operation;
    if (operation->found_reservation()) {
      if (!result.found) result.found = operation;
      result.found_until_ns = std::min(result.found_until_ns, operation->return_ns);
    }
    if (operation->ok(Function::purchase) && !result.purchase) result.purchase = operation;
    if (operation->ok(Function::cancel)) {
      result.cancel_return_ns = std::min(result.cancel_return_ns, operation->return_ns);
    }
    if (operation->ok(Function::cancel) || operation->indeterminate(Function::cancel)) {
      result.cancel_call_ns = std::min(result.cancel_call_ns, operation->call_ns);
    }
  }
  return result;
}

void add_certain(StepFunction& certain, const Run& run, const Seen& hold, std::size_t source) {
  std::int64_t from_ns = k_never_ns;
  std::int64_t until_ns = k_ever_ns;
  std::int64_t quantity = 0;
  if (hold.maker) {
    from_ns = hold.maker->return_ns;
    until_ns = hold.maker->call_ns + run.least_hold_ns();
    quantity = hold.maker->tickets;
  } else if (hold.purchase) {
    from_ns = std::min(hold.purchase->return_ns, hold.found_until_ns);
    quantity = hold.purchase->tickets;
    if (quantity == 0 && hold.found) quantity = hold.found->out().quantity.value_or(0);
  }
  // A purchase acknowledged beside an acknowledged cancel is H4's business: take the weaker view.
  const bool cancelled = hold.cancel_return_ns != k_never_ns;
  if (hold.purchase && !cancelled) {
    until_ns = k_never_ns;
  } else {
    until_ns = std::min(until_ns, hold.cancel_call_ns);
  }
  if (from_ns == k_never_ns || from_ns + 1 >= until_ns || quantity <= 0) return;
  certain.add(from_ns + 1, quantity, source);
  if (until_ns != k_never_ns) certain.add(until_ns, -quantity, source);
}

/// A 200 that does not say how many tickets it found may have found any number of them.
void add_possible(StepFunction& possible, const EventRun& event, const Seen& hold,
                  std::size_t source) {
  const Operation* first = hold.maker ? hold.maker : hold.found;
  if (!first) return;
  const bool said = hold.maker || first->out().quantity.has_value();
  const std::int64_t quantity = said ? first->tickets : event.start->total_tickets;
  possible.add(first->call_ns, quantity, source);
  if (hold.cancel_return_ns == k_never_ns) return;
  possible.add(std::max(hold.cancel_return_ns, first->call_ns) + 1, -quantity, source);
}

}  // namespace

HeldTickets held_tickets(const Run& run, const EventRun& event) {
  HeldTickets held;
  held.certain.reserve(2 * event.reservations.size());
  held.possible.reserve(2 * event.reservations.size());
  for (std::size_t i = 0; i < event.reservations.size(); ++i) {
    const Seen hold = seen(event.reservations[i]);
    add_certain(held.certain, run, hold, i);
    add_possible(held.possible, event, hold, i);
  }
  for (const Operation* operation : event.operations) {
    if (operation->indeterminate(Function::reserve)) {
      held.possible.add(operation->call_ns, operation->in().quantity, event.reservations.size());
    }
  }
  held.certain.finish();
  held.possible.finish();
  return held;
}

}  // namespace boxoffice::properties
