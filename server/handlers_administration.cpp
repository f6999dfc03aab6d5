// What administrators do to the catalogue, and what they ask of it.
//
// An edit of the capacity locks the event's row like a reserve does, so it waits in that event's
// line, too.
#include "server/codec.hpp"
#include "server/handlers.hpp"
#include "server/idempotent.hpp"
#include "server/service.hpp"

namespace boxoffice::server::handlers {
namespace {

namespace s = strategies;

s::EventId event_of(const Call& call) {
  return s::EventId{call.inputs.id};
}

/// After an edit, or one of which nobody knows, what the cache has is not shown again.
class Dropped {
 public:
  explicit Dropped(Call& call) : call_(call) {}
  ~Dropped() { call_.service().event_cache.drop(event_of(call_)); }

 private:
  Call& call_;
};

void say_event(Call& call, int status, const s::Event& event) {
  call.succeed(status);
  call.reply.header("ETag", etag_of(event));
  write_event(call.reply.body, event);
}

/// An event leaves no mark of who made it: a second run of the same request would make another.
s::CreationRecord with_stored_reply(Call& call, const std::function<void(const s::Event&)>& say) {
  if (call.keyed == nullptr) return {};
  return {[&call, &say](s::Transaction& transaction, const s::Event& created) {
            say(created);
            store_reply(transaction, call);
          },
          [&call](s::Transaction& transaction) {
            return s::is_answered(transaction, call.keyed->key);
          }};
}

void create_now(Call& call, s::Connection& connection) {
  const s::EventEdit& given = *call.inputs.event;
  s::NewEvent event{.name = *given.name,
                    .description = given.description.value_or(""),
                    .total_tickets = *given.total_tickets,
                    .event_date = *given.event_date};
  if (given.price) event.price = *given.price;
  if (given.currency) event.currency = *given.currency;
  if (given.category) event.category = *given.category;
  const std::size_t headers_before = call.reply.headers.size();
  const auto say_nothing = [&] {
    call.reply.headers.resize(headers_before);
    call.reply.body.clear();
  };
  const std::function<void(const s::Event&)> say = [&](const s::Event& created) {
    say_nothing();  // of another try
    call.reply.header("Location", "/api/events/" + std::to_string(created.id.value));
    say_event(call, 201, created);
  };
  try {
    say(s::create_event(connection, event, with_stored_reply(call, say)));
  } catch (const std::exception&) {
    say_nothing();  // of an event that is not there
    throw;
  }
  if (call.keyed != nullptr) call.keyed->reply_is_stored = true;
}

void edit_now(Call& call, s::Connection& connection) {
  const Dropped dropped(call);
  const auto edited =
      s::edit_event(connection, event_of(call), *call.inputs.event, read_if_match(call.request));
  if (edited.has_error()) return call.fail(problem_of(edited.error().code));
  say_event(call, 200, *edited);
}

void delete_event_now(Call& call, s::Connection& connection) {
  const Dropped dropped(call);
  const auto deleted = s::delete_event(connection, event_of(call), read_if_match(call.request));
  if (deleted.has_error()) return call.fail(problem_of(deleted.error().code));
  call.succeed(204);
}

void stats_now(Call& call, s::Connection& connection) {
  const auto statistics = s::event_statistics(connection, event_of(call));
  if (!statistics) return call.fail(ProblemCode::event_not_found);
  call.succeed(200);
  write_statistics(call.reply.body, *statistics);
}

void invariants_now(Call& call, s::Connection& connection) {
  const auto invariants = s::check_invariants(connection);
  call.succeed(200);
  write_invariants(call.reply.body, invariants);
}

bool take_event_id(Call& call) {
  const auto id = parse_id(call.parameter);
  if (!id) {
    call.fail(ProblemCode::event_not_found);
    return false;
  }
  call.inputs.id = *id;
  return true;
}

}  // namespace

void create_event(Call& call) {
  if (const auto invalid = read_new_event(call.request, call.inputs)) return call.fail(*invalid);
  call.work_on_executor(&create_now);
}

void edit_event(Call& call) {
  if (!take_event_id(call)) return;
  if (const auto invalid = read_event_edit(call.request, call.inputs)) return call.fail(*invalid);
  call.work_on_executor(&edit_now, call.inputs.id);
}

void delete_event(Call& call) {
  if (!take_event_id(call)) return;
  if (const auto invalid = read_empty_body(call.request)) return call.fail(*invalid);
  call.work_on_executor(&delete_event_now, call.inputs.id);
}

void event_stats(Call& call) {
  if (take_event_id(call)) call.work_on_executor(&stats_now);
}

void invariants(Call& call) {
  call.work_on_executor(&invariants_now);
}

}  // namespace boxoffice::server::handlers
