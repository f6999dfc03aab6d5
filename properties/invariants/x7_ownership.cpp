// X7: nobody saw or changed another user's reservation.
//
// What: of every reply that names a reservation, the user who asked against the user it belongs to,
// by the reply itself, by the row, and by the reserve that made it, or was the first to be told of
// it; whether it is the reservation that was asked for or another one. To a stranger a reservation
// does not exist (404), so a refusal that tells how it ended is a leak too. And of every end that
// no reply acknowledged, who can have brought it about: where only strangers tried, one of them
// did. Why: a hold is a customer's own. It cannot see what a reply leaks beyond the fields of the
// history, nor a stranger's change where the owner tried the same without hearing of it.
#include <algorithm>

#include "properties/invariants/invariants.hpp"

namespace boxoffice::properties {
namespace {

bool tells_state(const Operation& operation) {
  return operation.type == EntryType::ok || operation.says_it_is_over();
}

/// Without its row, and where nobody saw it made, it is theirs who were told that they hold it.
std::optional<std::int64_t> owner_known(const Reservation& reservation) {
  if (const auto owner = owner_of(reservation)) return owner;
  for (const Operation* operation : reservation.operations) {
    if (operation->ok(Function::reserve)) return operation->in().user_id;
  }
  return std::nullopt;
}

class Ownership {
 public:
  explicit Ownership(const EventRun& event, Findings& findings)
      : event_(event), findings_(findings) {}

  void check(const Reservation& reservation) {
    const std::optional<std::int64_t> owner = owner_known(reservation);
    for (const Operation* operation : reservation.operations) {
      if (tells_state(*operation)) check_reply(reservation, owner, *operation);
    }
    if (!owner) return;
    check_change(reservation, *owner, reservation.purchased, "purchased");
    check_change(reservation, *owner, reservation.cancelled, "cancelled");
  }

 private:
  void check_reply(const Reservation& asked, std::optional<std::int64_t> owner,
                   const Operation& operation) {
    findings_.examined();
    const Output& out = operation.out();
    std::int64_t id = asked.reservation_id;
    if (out.reservation_id.value_or(id) != id) {  // it asked for one and was told of another
      id = *out.reservation_id;
      owner = owner_of_other(id);
    }
    const std::int64_t user = operation.in().user_id;
    const std::int64_t told = out.user_id.value_or(owner.value_or(user));
    const std::int64_t other = told != user ? told : owner.value_or(user);
    if (other == user) return;
    findings_.violation(event_.id(), complete_ns({&operation}), [&] {
      return Contradiction{sentence(label(&operation), " of user ", user,
                                    " was answered with reservation ", id, " of user ", other),
                           indices({&operation}),
                           {id}};
    });
  }

  /// A change that only its row shows: the operation is the owner's where the owner tried.
  void check_change(const Reservation& reservation, std::int64_t owner,
                    const std::optional<Effect>& change, const char* what) {
    if (!change || change->acknowledged || !change->operation) return;
    findings_.examined();
    const std::int64_t user = change->operation->in().user_id;
    if (user == owner || reservation.before_run) return;
    findings_.violation(event_.id(), k_never_ns, [&] {
      return Contradiction{sentence("reservation ", reservation.reservation_id, " of user ", owner,
                                    " was ", what, ", and nobody had tried that but user ", user,
                                    " (", label(change->operation), ")"),
                           indices({change->operation}),
                           {reservation.reservation_id}};
    });
  }

  std::optional<std::int64_t> owner_of_other(std::int64_t id) const {
    const auto& all = event_.reservations;
    const auto at =
        std::lower_bound(all.begin(), all.end(), id,
                         [](const Reservation& a, std::int64_t b) { return a.reservation_id < b; });
    if (at == all.end() || at->reservation_id != id) return std::nullopt;
    return owner_known(*at);
  }

  const EventRun& event_;
  Findings& findings_;
};

}  // namespace

Findings check_x7_ownership(const Run& run) {
  Findings findings("X7");
  for (const EventRun& event : run.events) {
    Ownership ownership(event, findings);
    for (const Reservation& reservation : event.reservations) ownership.check(reservation);
  }
  return findings;
}

}  // namespace boxoffice::properties
