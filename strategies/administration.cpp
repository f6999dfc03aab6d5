// See administration.hpp.
#include "strategies/administration.hpp"

#include "strategies/failure.hpp"
#include "strategies/mapped_event.hpp"
#include "strategies/outside.hpp"
#include "strategies/rows.hpp"
#include "strategies/statement.hpp"
#include "strategies/transaction.hpp"

namespace boxoffice::strategies {

namespace {

constexpr Statement k_insert{
    "insert_event",
    "INSERT INTO events (name, description, total_tickets, available_tickets, price, currency,"
    " event_date, category) VALUES ($1, $2, $3, $3, $4, $5, " BOXOFFICE_TIME_PG(
        "$6") ", $7) RETURNING id",
    "INSERT INTO events (name, description, total_tickets, available_tickets, price, currency,"
    " event_date, category) VALUES ($1, $2, $3, $3, $4, $5, " BOXOFFICE_TIME_MY("$6") ", $7)"};
// Two statements, since a statement has nine parameters at most.
constexpr Statement k_update{
    "edit_event",
    "UPDATE events SET name = $2, description = $3, price = $4, currency = $5,"
    " event_date = " BOXOFFICE_TIME_PG("$6") ", category = $7, revision = revision + 1,"
    " updated_at = clock_timestamp() WHERE id = $1",
    "UPDATE events SET name = $2, description = $3, price = $4, currency = $5,"
    " event_date = " BOXOFFICE_TIME_MY("$6") ", category = $7, revision = revision + 1,"
    " updated_at = NOW(6) WHERE id = $1"};
// Both columns in one statement: the CHECK holds for the row as a whole. On MySQL an assignment
// sees the ones before it, so the difference comes as a parameter.
constexpr Statement k_resize =
    portable("resize_event",
             "UPDATE events SET total_tickets = $2, available_tickets = available_tickets + $3,"
             " version = version + 1 WHERE id = $1");
constexpr Statement k_delete = portable("delete_event", "DELETE FROM events WHERE id = $1");
constexpr Statement k_any_reservation = portable(
    "any_reservation", "SELECT id FROM reservations WHERE event_id = $1 ORDER BY id LIMIT 1");

#define BOXOFFICE_COUNT(condition)  \
  "count(CASE WHEN " condition      \
  " THEN 1 END), coalesce(sum(CASE" \
  " WHEN " condition " THEN r.quantity END), 0)"
#define BOXOFFICE_STATISTICS(clock) \
  "SELECT e.total_tickets, e.available_tickets, e.version, " BOXOFFICE_COUNT(            \
      "r.status = 'reserved'") ", " BOXOFFICE_COUNT("r.status = 'purchased'") ", "       \
  BOXOFFICE_COUNT("r.status = 'cancelled'") ", " BOXOFFICE_COUNT("r.status = 'expired'") \
  ", " BOXOFFICE_COUNT("r.status = 'reserved' AND r.expires_at <= " clock)               \
  " FROM events e LEFT JOIN reservations r ON r.event_id = e.id WHERE e.id = $1"         \
  " GROUP BY e.id, e.total_tickets, e.available_tickets, e.version"
constexpr Statement k_statistics{"event_statistics", BOXOFFICE_STATISTICS(BOXOFFICE_CLOCK_PG),
                                 BOXOFFICE_STATISTICS(BOXOFFICE_CLOCK_MY)};

// So many events a statement, so that none runs into its time limit, however many there are.
constexpr std::int64_t k_events_a_statement = 100;
constexpr std::size_t k_broken_max = 100;

Refusal refusal(RefusalCode code) {
  return {code, {}};
}

/// The locked row, or why it may not be touched.
Result<Event> lock_for_edit(Transaction& transaction, EventId id,
                            std::optional<std::int64_t> revision) {
  const auto event = load_event(transaction, id, RowLock::for_update);
  if (!event) return refusal(RefusalCode::event_not_found);
  if (revision && *revision != event->revision) return refusal(RefusalCode::precondition_failed);
  return *event;
}

Event read_whole(Transaction& transaction, EventId id) {
  return load_event(transaction, id, RowLock::none).value();
}

// An edit looks like any other, so nobody can tell whether one whose COMMIT was lost was this one.
template <class Reply>
Recover<Reply> unknown() {
  return [](Transaction&) -> std::optional<Result<Reply>> {
    throw Failure(FailureCode::commit_unknown, "the connection broke during COMMIT of an edit");
  };
}

StatusCount count_of(const Row& row, std::size_t column) {
  return {row.integer(column), row.integer(column + 1)};
}

}  // namespace

Event create_event(Connection& connection, const NewEvent& event, const CreationRecord& record) {
  std::optional<Event> last;  // of the last try
  return transact<Event>(
             connection,
             [&](Transaction& t) -> Result<Event> {
               const EventId made{
                   execute(t, k_insert,
                           {event.name, event.description, event.total_tickets, event.price,
                            event.currency, to_us(event.event_date), event.category})
                       .made};
               last = read_whole(t, made);
               if (record.write) record.write(t, *last);
               t.commit();
               return *last;
             },
             [&](Transaction& t) -> std::optional<Result<Event>> {
               if (!record.is_written) return unknown<Event>()(t);
               if (!record.is_written(t)) return std::nullopt;
               return *last;
             })
      .value();
}

Result<Event> edit_event(Connection& connection, EventId id, const EventEdit& edit,
                         std::optional<std::int64_t> revision) {
  return transact<Event>(
      connection,
      [&](Transaction& t) -> Result<Event> {
        const auto locked = lock_for_edit(t, id, revision);
        if (locked.has_error()) return locked;
        const Event& before = *locked;
        const std::int64_t more =
            edit.total_tickets.value_or(before.total_tickets) - before.total_tickets;
        if (before.available_tickets + more < 0)
          return refusal(RefusalCode::capacity_below_committed);
        if (more != 0) execute(t, k_resize, {id.value, before.total_tickets + more, more});
        execute(t, k_update,
                {id.value, edit.name.value_or(before.name),
                 edit.description.value_or(before.description), edit.price.value_or(before.price),
                 edit.currency.value_or(before.currency),
                 to_us(edit.event_date.value_or(before.event_date)),
                 edit.category.value_or(before.category)});
        Event edited = read_whole(t, id);
        t.commit();
        return edited;
      },
      unknown<Event>());
}

Result<EventId> delete_event(Connection& connection, EventId id,
                             std::optional<std::int64_t> revision) {
  return transact<EventId>(
      connection,
      [&](Transaction& t) -> Result<EventId> {
        const auto locked = lock_for_edit(t, id, revision);
        if (locked.has_error()) return locked.error();
        if (!execute(t, k_any_reservation, {id.value}).rows.empty())
          return refusal(RefusalCode::event_has_reservations);
        execute(t, k_delete, {id.value});
        t.commit();
        return id;
      },
      unknown<EventId>());
}

std::optional<EventStatistics> event_statistics(Connection& connection, EventId id) {
  return read_outside(connection, [&]() -> std::optional<EventStatistics> {
    const auto row = execute(connection, k_statistics, {id.value}).first();
    if (!row) return std::nullopt;
    return EventStatistics{id,
                           row->integer(0),
                           row->integer(1),
                           EventVersion{row->integer(2)},
                           count_of(*row, 3),
                           count_of(*row, 5),
                           count_of(*row, 7),
                           count_of(*row, 9),
                           count_of(*row, 11)};
  });
}

Invariants check_invariants(Connection& connection) {
  Invariants invariants;
  for (EventId after;;) {
    const auto range = identity_range(connection, after, k_events_a_statement);
    if (range.events == 0) return invariants;
    invariants.events += range.events;
    for (const auto& broken : identity_breaks(connection, after, range.last)) {
      if (invariants.broken.size() < k_broken_max) invariants.broken.push_back(broken);
    }
    after = range.last;
  }
}

}  // namespace boxoffice::strategies
