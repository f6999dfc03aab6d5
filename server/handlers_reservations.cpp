// A user's own reservations: list, show, purchase, cancel. Another's are not found.
//
// Purchase changes no inventory and locks its reservation only, so it needs no admission. Cancel
// locks the event's row like a reserve does; where this server made the reservation lately it knows
// the event, and the cancel waits in that event's line instead of in the database.
#include "server/codec.hpp"
#include "server/handlers.hpp"
#include "server/service.hpp"

namespace boxoffice::server::handlers {
namespace {

namespace s = strategies;

s::ReservationId reservation_of(const Call& call) {
  return s::ReservationId{call.inputs.id};
}

void list_now(Call& call, s::Connection& connection) {
  const auto& inputs = call.inputs;
  const auto reservations =
      s::list_reservations(connection, call.requester.user, inputs.status, inputs.page);
  call.succeed(200);
  write_reservations(call.reply.body, reservations, inputs.page);
}

void show_now(Call& call, s::Connection& connection) {
  const auto reservation =
      s::find_reservation(connection, reservation_of(call), call.requester.user);
  if (!reservation) return call.fail(ProblemCode::reservation_not_found);
  call.succeed(200);
  write_reservation(call.reply.body, *reservation);
}

void purchase_now(Call& call, s::Connection& connection) {
  const auto result =
      call.service().strategy.purchase(connection, {reservation_of(call), call.requester.user});
  if (result.has_error()) return call.fail(problem_of(result.error().code));
  call.succeed(200);
  write_reservation(call.reply.body, result->reservation);
}

void cancel_now(Call& call, s::Connection& connection) {
  const auto result =
      call.service().strategy.cancel(connection, {reservation_of(call), call.requester.user});
  if (result.has_error()) return call.fail(problem_of(result.error().code));
  call.succeed(200);
  call.event_numbers = result->event;
  write_reservation(call.reply.body, result->reservation, result->event);
}

/// Takes the id from the path; false where the reply says that it names nothing.
bool take_reservation_id(Call& call) {
  const auto id = parse_id(call.parameter);
  if (!id) {
    call.fail(ProblemCode::reservation_not_found);
    return false;
  }
  call.inputs.id = *id;
  return true;
}

bool take_empty_body(Call& call) {
  const auto invalid = read_empty_body(call.request);
  if (invalid) call.fail(*invalid);
  return !invalid;
}

}  // namespace

void list_reservations(Call& call) {
  if (const auto invalid = read_reservations_query(call.request, call.inputs)) {
    return call.fail(*invalid);
  }
  call.work_on_executor(&list_now);
}

void show_reservation(Call& call) {
  if (take_reservation_id(call)) call.work_on_executor(&show_now);
}

void purchase(Call& call) {
  if (take_reservation_id(call) && take_empty_body(call)) call.work_on_executor(&purchase_now);
}

void cancel(Call& call) {
  if (!take_reservation_id(call) || !take_empty_body(call)) return;
  call.work_on_executor(&cancel_now, call.service().placement.event_of(reservation_of(call)).value);
}

}  // namespace boxoffice::server::handlers
