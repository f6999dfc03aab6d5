// H4: a reservation ends once. At most one purchase or cancel of it succeeds, and none does after a
// refusal that proves another ending.
//
// What: of each reservation, the acknowledged purchases and cancels, and the refusals that say how
// it ended: already_purchased, already_cancelled, not_cancellable, reservation_expired. The first
// two also need somebody who may have done it: its owner, a purchase while the hold may have been
// active. After the last nobody finds the hold active. Why: a hold that ends twice gives its
// tickets back twice, or sells what was given back. It cannot see an ending that nobody was told of
// (a sweep beside an acknowledged purchase): X4 does.
#include <algorithm>
#include <optional>

#include "properties/invariants/invariants.hpp"

namespace boxoffice::properties {
namespace {

bool succeeded(const Operation& operation) {
  return operation.ok(Function::purchase) || operation.ok(Function::cancel);
}

/// What a refusal proves: that a purchase happened, that a cancel did, or only that it is over.
struct Proof {
  std::optional<Function> by;
};

std::optional<Proof> proof_of(const Operation& refusal) {
  if (refusal.type != EntryType::fail) return std::nullopt;
  const std::string& code = refusal.code();
  if (code == "already_purchased") return Proof{Function::purchase};
  if (code == "already_cancelled") return Proof{Function::cancel};
  if (code == "not_cancellable" || code == "reservation_expired") return Proof{std::nullopt};
  return std::nullopt;
}

bool says_expired(const Operation& refusal) {
  return refusal.type == EntryType::fail && refusal.code() == "reservation_expired";
}

/// Expiry ends purchases only: an expired hold that no sweep has met yet may still be cancelled. By
/// a clock that was set back it has not expired any more.
bool excludes(const Run& run, const Operation& refusal, const Proof& proof,
              const Operation& success) {
  if (proof.by && success.f != *proof.by) return true;
  if (says_expired(refusal) && success.f == Function::cancel) return false;
  if (says_expired(refusal) && run.clock_moved_us != 0) return false;
  return success.call_ns > refusal.return_ns;
}

/// The purchases of a reservation, or its cancels: what a refusal is held against. A few numbers,
/// since a reservation may have any number of each.
struct Attempts {
  const Operation* last_success = nullptr;  ///< the one that was sent last
  std::int64_t tried_from_ns = k_never_ns;  ///< when the first was sent that may have succeeded
};

struct Endings {
  Attempts purchases, cancels;

  Attempts& of(Function f) { return f == Function::purchase ? purchases : cancels; }
  const Attempts& of(Function f) const { return f == Function::purchase ? purchases : cancels; }
};

Endings endings_of(const Run& run, const Reservation& reservation) {
  Endings endings;
  for (const Operation* operation : reservation.operations) {
    if (operation->f != Function::purchase && operation->f != Function::cancel) continue;
    Attempts& attempts = endings.of(operation->f);
    const bool success = succeeded(*operation);
    if (success || run.may_have_ended(reservation, *operation)) {
      attempts.tried_from_ns = std::min(attempts.tried_from_ns, operation->call_ns);
    }
    const Operation* last = attempts.last_success;
    if (success && (!last || operation->call_ns > last->call_ns)) attempts.last_success = operation;
  }
  return endings;
}

void check_refusal(const Run& run, const EventRun& event, const Reservation& reservation,
                   const Operation& refusal, const Proof& proof, const Endings& endings,
                   Findings& findings) {
  for (const Operation* other : {endings.purchases.last_success, endings.cancels.last_success}) {
    if (!other || !excludes(run, refusal, proof, *other)) continue;
    findings.violation(event.id(), complete_ns({&refusal, other}), [&] {
      return Contradiction{
          sentence(label(other), " of reservation ", reservation.reservation_id, " succeeded, but ",
                   label(&refusal), " was refused with ", refusal.code(),
                   other->call_ns > refusal.return_ns ? " before that" : ", which excludes it"),
          indices({&refusal, other}),
          {reservation.reservation_id}};
    });
  }
  // Of a reservation that the run did not make, nobody knows what happened to it before.
  if (!proof.by || !reservation.made) return;
  if (endings.of(*proof.by).tried_from_ns <= refusal.return_ns) return;
  findings.violation(event.id(), refusal.call_ns, [&] {
    return Contradiction{
        sentence(label(&refusal), " of reservation ", reservation.reservation_id,
                 " was refused with ", refusal.code(), ", but nobody had tried that before"),
        indices({&refusal}),
        {reservation.reservation_id}};
  });
}

/// Nobody is told that a hold is active after somebody was told that it had expired.
void check_found_again(const Run& run, const EventRun& event, const Reservation& reservation,
                       Findings& findings) {
  if (run.clock_moved_us != 0) return;
  const Operation* expired = nullptr;  // the refusal that returned first
  for (const Operation* operation : reservation.operations) {
    if (!says_expired(*operation)) continue;
    if (!expired || operation->return_ns < expired->return_ns) expired = operation;
  }
  if (!expired) return;
  for (const Operation* operation : reservation.operations) {
    if (!operation->found_reservation() || !saw_active(reservation, *operation)) continue;
    findings.examined();
    if (operation->call_ns <= expired->return_ns) continue;
    findings.violation(event.id(), complete_ns({expired, operation}), [&] {
      return Contradiction{sentence("reservation ", reservation.reservation_id,
                                    " is active by the reply to ", label(operation), ", but ",
                                    label(expired), " was told before that it had expired"),
                           indices({expired, operation}),
                           {reservation.reservation_id}};
    });
  }
}

void check(const Run& run, const EventRun& event, const Reservation& reservation,
           Findings& findings) {
  check_found_again(run, event, reservation, findings);
  const Operation* success = nullptr;
  const Endings endings = endings_of(run, reservation);
  for (const Operation* operation : reservation.operations) {
    if (const auto proof = proof_of(*operation)) {
      findings.examined();
      check_refusal(run, event, reservation, *operation, *proof, endings, findings);
    }
    if (!succeeded(*operation)) continue;
    findings.examined();
    if (success) {
      findings.violation(event.id(), complete_ns({success, operation}), [&] {
        return Contradiction{sentence("reservation ", reservation.reservation_id, " ended twice: ",
                                      label(success), " and ", label(operation), " both succeeded"),
                             indices({success, operation}),
                             {reservation.reservation_id}};
      });
    }
    success = operation;
  }
}

}  // namespace

Findings check_h4_terminal(const Run& run) {
  Findings findings("H4");
  for (const EventRun& event : run.events) {
    for (const Reservation& reservation : event.reservations)
      check(run, event, reservation, findings);
  }
  return findings;
}

}  // namespace boxoffice::properties
