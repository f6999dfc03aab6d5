// See mapped_event.hpp.
#include "strategies/mapped_event.hpp"

#include "strategies/prepared.hpp"
#include "strategies/rows.hpp"
#include "tables-odb.hxx"

namespace boxoffice::strategies {

namespace {

Event event_from(const schema::Event& row) {
  return {EventId{row.id},        row.name,
          row.description,        row.total_tickets,
          row.available_tickets,  row.price,
          row.currency,           from_us(row.event_date),
          row.category,           EventVersion{row.version},
          row.revision,           from_us(row.created_at),
          from_us(row.updated_at)};
}

}  // namespace

std::optional<Event> load_event(Transaction& transaction, EventId id, RowLock lock) {
  struct Key {
    std::int64_t id;
  };
  using Query = odb::query<schema::Event>;
  const bool locks = lock == RowLock::for_update;
  const auto row = find_first<schema::Event>(
      transaction, locks ? "lock_whole_event" : "read_whole_event", Key{id.value}, [&](Key& key) {
        Query query(Query::id == Query::_ref(key.id));
        if (locks) query += "FOR UPDATE";
        return query;
      });
  if (!row) return std::nullopt;
  return event_from(*row);
}

}  // namespace boxoffice::strategies
