// Events: list, show, and reserve, which is what all of this is for. Listing and showing may be of
// the past, where the configuration says so; what is reserved is decided by the primary alone.
//
// A reserve that finds nothing left may be looking at holds that are over and were not swept yet.
// Then it releases those of its own event first and tries once more; not more often than the
// release gate allows, or a sold-out event would be swept by every request that asks for it.
#include "server/codec.hpp"
#include "server/handlers.hpp"
#include "server/log.hpp"
#include "server/service.hpp"

namespace boxoffice::server::handlers {
namespace {

namespace s = strategies;

void list_events_now(Call& call, s::Connection& connection) {
  const auto filter = call.inputs.filter.value_or(s::EventFilter{});
  const auto events = s::list_events(connection, filter, call.inputs.page);
  call.succeed(200);
  write_events(call.reply.body, events, call.inputs.page);
}

void show_event_now(Call& call, s::Connection& connection) {
  const auto read_at = Clock::now();
  const auto event = s::find_event(connection, s::EventId{call.inputs.id});
  if (!event) return call.fail(ProblemCode::event_not_found);
  call.event_numbers = {event->id, event->available_tickets, event->version};
  call.total_tickets = event->total_tickets;
  EventText text{etag_of(*event), {}};
  write_event(text.body, *event);
  if (auto flight = call.take_flight()) {
    call.service().event_cache.land(std::move(flight), text, read_at);
  }
  call.show(text);
}

bool is_sold_out(const s::Result<s::ReserveReply>& result) {
  return result.has_error() && result.error().code == s::RefusalCode::sold_out;
}

/// True where tickets went back, so that another try may find some.
bool release_own_expired(Call& call, s::Connection& connection, s::EventId event) {
  auto& service = call.service();
  if (!service.release_gate.try_enter(event, Clock::now())) return false;
  const auto released = service.strategy.release_expired(connection, event);
  return released.has_value() && released->reservations > 0;
}

/// Adds what a connection counted until now to what it will have counted at this one's end.
class Kept {
 public:
  explicit Kept(s::Connection& connection)
      : connection_(connection), statistics_(connection.statistics()) {}
  Kept(const Kept&) = delete;
  Kept& operator=(const Kept&) = delete;
  ~Kept() { connection_.statistics().add(statistics_); }

 private:
  s::Connection& connection_;
  const s::AttemptStatistics statistics_;
};

/// Forgets at its end what a connection counted: a sweep's transactions are not the request's.
class Uncounted {
 public:
  explicit Uncounted(s::Connection& connection) : connection_(connection) {}
  Uncounted(const Uncounted&) = delete;
  Uncounted& operator=(const Uncounted&) = delete;
  ~Uncounted() { connection_.statistics() = {}; }

 private:
  s::Connection& connection_;
};

s::Result<s::ReserveReply> reserve_what_there_is(Call& call, s::Connection& connection,
                                                 const s::ReserveCommand& command) {
  const auto& strategy = call.service().strategy;
  auto first = strategy.reserve(connection, command);
  if (!is_sold_out(first)) return first;
  const Kept of_the_first(connection);
  {
    const Uncounted sweep(connection);
    call.released_holds = release_own_expired(call, connection, command.event);
  }
  return call.released_holds ? strategy.reserve(connection, command) : first;
}

void reserve_now(Call& call, s::Connection& connection) {
  auto& service = call.service();
  const s::EventId event{call.inputs.id};
  const s::ReserveCommand command{event, call.requester.user, call.inputs.quantity,
                                  call.request.request_id, service.hold};
  const auto result = reserve_what_there_is(call, connection, command);
  if (result.has_error()) {
    const auto& refusal = result.error();
    call.event_numbers = refusal.event;
    return call.fail(problem_of(refusal.code),
                     {.event = refusal.event ? &*refusal.event : nullptr});
  }
  call.event_numbers = result->event;
  call.succeed(result->created ? 201 : 200);
  if (result->created) {
    const auto id = result->reservation.id;
    service.placement.remember(id, event);
    call.reply.header("Location", "/api/reservations/" + std::to_string(id.value));
  }
  write_reservation(call.reply.body, result->reservation, result->event);
}

}  // namespace

void list_events(Call& call) {
  if (const auto invalid = read_events_query(call.request, call.inputs)) return call.fail(*invalid);
  call.work_on_replica(&list_events_now);
}

void show_event(Call& call) {
  const auto id = parse_id(call.parameter);
  if (!id) return call.fail(ProblemCode::event_not_found);
  call.inputs.id = *id;
  const bool is_kept = call.service().event_cache.find(
      s::EventId{*id}, call.arrived,
      [&call](const EventText& text, Clock::duration age) { call.show(text, age); });
  if (!is_kept) call.work_for_event(&show_event_now);
}

void reserve(Call& call) {
  const auto id = parse_id(call.parameter);
  if (!id) return call.fail(ProblemCode::event_not_found);
  if (const auto invalid = read_reserve_body(call.request, call.inputs)) return call.fail(*invalid);
  call.inputs.id = *id;
  call.is_reservation_attempt = true;
  call.work_on_executor(&reserve_now, *id);
}

}  // namespace boxoffice::server::handlers
