// See mapped_event.hpp.
#include "strategies/mapped_event.hpp"

#include <memory>
#include <odb/database.hxx>

#include "strategies/rows.hpp"
#include "strategies/session.hpp"
#include "tables-odb.hxx"

namespace boxoffice::strategies {

namespace {

Event event_from(const schema::Event& row) {
  return {EventId{row.id},
          row.name,
          row.description,
          row.total_tickets,
          row.available_tickets,
          row.price,
          row.currency,
          from_us(row.event_date),
          row.category,
          EventVersion{row.version},
          row.revision,
          from_us(row.created_at),
          from_us(row.updated_at)};
}

}  // namespace

std::optional<Event> load_event(Transaction& transaction, EventId id, RowLock lock) {
  using Query = odb::query<schema::Event>;
  Query query(Query::id == id.value);
  if (lock == RowLock::for_update) query += "FOR UPDATE";
  Connection& connection = transaction.connection();
  AttemptStatistics& statistics = connection.statistics();
  const SpanTimer timer(statistics.spans.statements);
  transaction.send_begin();  // the mapping knows of no BEGIN that waits for its statement
  statistics.traffic.send(1);
  const std::unique_ptr<schema::Event> row(
      connection.engine().odb().query_one<schema::Event>(query));
  if (!row) return std::nullopt;
  return event_from(*row);
}

}  // namespace boxoffice::strategies
