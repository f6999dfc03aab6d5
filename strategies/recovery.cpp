// What became of a transaction whose COMMIT got no answer, asked on a new connection (pitfall P9).
//
// The event's row is locked first: the old backend may still be alive and about to commit, and only
// once its lock is gone is "absent" final. A reserve is found by its request_id. A purchase or
// cancel leaves no such mark: where the row is in the state that it wanted, it may have been
// another request of the same user, so that stays unknown.
#include <fmt/format.h>

#include "strategies/failure.hpp"
#include "strategies/rows.hpp"
#include "strategies/steps.hpp"

namespace boxoffice::strategies {

namespace {

// The reservation of a request, beside its event's numbers, in one statement.
constexpr Statement k_find_request{
    "find_request",
    "SELECT " BOXOFFICE_RESERVATION_PG("r.") ", e.available_tickets, e.version"
    " FROM reservations r JOIN events e ON e.id = r.event_id"
    " WHERE r.user_id = $1 AND r.request_id = $2",
    "SELECT " BOXOFFICE_RESERVATION_MY("r.") ", e.available_tickets, e.version"
    " FROM reservations r JOIN events e ON e.id = r.event_id"
    " WHERE r.user_id = $1 AND r.request_id = $2"};

}  // namespace

void throw_commit_unknown(Status found) {
  throw Failure(FailureCode::commit_unknown,
                fmt::format("the connection broke during COMMIT; the reservation is {}, perhaps by "
                            "this request, perhaps by another of the same user",
                            to_string(found)));
}

Recover<ReserveReply> recover_reserve(const ReserveCommand& command) {
  return [&command](Transaction& transaction) -> std::optional<Result<ReserveReply>> {
    lock_event(transaction, command.event);
    const auto row =
        execute(transaction, k_find_request, {command.user.value, command.request_id}).first();
    if (!row) return std::nullopt;
    const Reservation found = reservation_of(*row);
    const EventNumbers numbers{found.event_id, row->integer(k_reservation_columns),
                               EventVersion{row->integer(k_reservation_columns + 1)}};
    return ReserveReply{false, found, numbers};
  };
}

Recover<CancelReply> recover_cancel(const CancelCommand& command) {
  return [&command](Transaction& transaction) -> std::optional<Result<CancelReply>> {
    const auto before = read_reservation(transaction, command.reservation, command.user);
    if (!before) return Refusal{RefusalCode::reservation_not_found, {}};
    lock_event(transaction, before->event_id);
    const auto now = read_reservation(transaction, command.reservation, command.user).value();
    if (now.status == Status::reserved) return std::nullopt;
    if (now.status == Status::cancelled) throw_commit_unknown(now.status);
    return Refusal{RefusalCode::not_cancellable, {}};
  };
}

Recover<ReleaseReply> recover_release() {
  return [](Transaction&) -> std::optional<Result<ReleaseReply>> { return std::nullopt; };
}

}  // namespace boxoffice::strategies
