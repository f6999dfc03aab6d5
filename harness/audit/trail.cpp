// See trail.hpp. A trigger is a function on PostgreSQL and one statement on MySQL.
//
// MySQL and MariaDB keep no trail of events: any statement in a trigger of theirs resets what the
// server's own UPDATE ... LAST_INSERT_ID(version + 1) gives back, so that another program would be
// observed (tried: each reply said version 0). Nor may the sequence be an AUTO_INCREMENT there;
// UUID_SHORT() rises just as well.
#include "harness/audit/trail.hpp"

#include <fmt/format.h>

#include "harness/audit/audit.hpp"

namespace boxoffice::harness {

namespace {

using properties::EventChange;
using properties::ReservationChange;

constexpr const char* k_reservations_table =
    "CREATE TABLE trail_reservations (sequence BIGINT {} PRIMARY KEY, reservation_id BIGINT,"
    " event_id BIGINT NOT NULL, status_before VARCHAR(20), status_after VARCHAR(20),"
    " quantity BIGINT, event_version BIGINT, closed_event_version BIGINT, reassigned INT)";

constexpr const char* k_events_table =
    "CREATE SEQUENCE trail_sequence;"
    "CREATE TABLE trail_events (sequence BIGINT PRIMARY KEY, event_id BIGINT NOT NULL,"
    " writer BIGINT, total_before BIGINT, total_after BIGINT, available_before BIGINT,"
    " available_after BIGINT, version_before BIGINT, version_after BIGINT)";

constexpr const char* k_into_events =
    "INSERT INTO trail_events (sequence, event_id, writer, total_before, total_after,"
    " available_before, available_after, version_before, version_after) VALUES"
    " (nextval('trail_sequence'), NEW.id, txid_current(), OLD.total_tickets, NEW.total_tickets,"
    " OLD.available_tickets, NEW.available_tickets, OLD.version, NEW.version)";

// `row` is the one that the numbers are of: NEW, or OLD where there is no other.
std::string into_reservations(const char* sequence, const char* before, const char* after,
                              const char* row, const char* reassigned) {
  return fmt::format(
      "INSERT INTO trail_reservations (sequence, reservation_id, event_id, status_before, "
      "status_after,"
      " quantity, event_version, closed_event_version, reassigned) VALUES ({4}, {2}.id, "
      "{2}.event_id,"
      " {0}, {1}, {2}.quantity, {2}.event_version, {2}.closed_event_version, {3})",
      before, after, row, reassigned, sequence);
}

struct Trigger {
  const char* name;
  const char* table;
  const char* when;
  std::string statement;
};

std::vector<Trigger> triggers(const char* sequence) {
  constexpr const char* k_differ =
      "(OLD.event_id, OLD.user_id, OLD.quantity) <> (NEW.event_id, NEW.user_id, NEW.quantity)";
  const std::string reassigned = fmt::format("CASE WHEN {} THEN 1 ELSE 0 END", k_differ);
  return {{"trail_reservation_insert", "reservations", "INSERT",
           into_reservations(sequence, "NULL", "NEW.status", "NEW", "0")},
          {"trail_reservation_update", "reservations", "UPDATE",
           into_reservations(sequence, "OLD.status", "NEW.status", "NEW", reassigned.c_str())},
          {"trail_reservation_delete", "reservations", "DELETE",
           into_reservations(sequence, "OLD.status", "NULL", "OLD", "0")}};
}

std::string create(const Trigger& trigger, SqlDialect dialect) {
  if (dialect == SqlDialect::mysql) {
    return fmt::format("CREATE TRIGGER {} AFTER {} ON {} FOR EACH ROW {}", trigger.name,
                       trigger.when, trigger.table, trigger.statement);
  }
  return fmt::format(
      "CREATE FUNCTION {0}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {3}; RETURN NULL; END $$;"
      "CREATE TRIGGER {0} AFTER {1} ON {2} FOR EACH ROW EXECUTE FUNCTION {0}()",
      trigger.name, trigger.when, trigger.table, trigger.statement);
}

std::optional<properties::ReservationStatus> status(const std::optional<std::string>& column) {
  if (!column) return std::nullopt;
  return status_of(*column);
}

bool is_installed(Sql& sql) {
  const char* schema = sql.dialect() == SqlDialect::postgresql ? "current_schema()" : "database()";
  return sql.number(fmt::format("SELECT count(*) FROM information_schema.tables"
                                " WHERE table_name = 'trail_reservations' AND table_schema = {}",
                                schema)) > 0;
}

// Only the order of the sequence counts; its numbers may be beyond what JSON carries.
template <class Change>
Change& append(std::vector<Change>& changes) {
  Change& change = changes.emplace_back();
  change.sequence = static_cast<std::int64_t>(changes.size());
  return change;
}

std::vector<EventChange> read_event_changes(Sql& sql, const std::string& event_ids) {
  std::vector<EventChange> changes;
  for (const auto& row :
       sql.query("SELECT event_id, writer, total_before, total_after, available_before,"
                 " available_after, version_before, version_after FROM trail_events"
                 " WHERE event_id IN (" +
                 event_ids + ") ORDER BY sequence")) {
    EventChange& change = append(changes);
    change.event_id = number(row[0]);
    change.writer = number(row[1]);
    change.total_before = number(row[2]);
    change.total_after = number(row[3]);
    change.available_before = number(row[4]);
    change.available_after = number(row[5]);
    change.version_before = number(row[6]);
    change.version_after = number(row[7]);
  }
  return changes;
}

std::vector<ReservationChange> read_reservation_changes(Sql& sql, const std::string& event_ids) {
  std::vector<ReservationChange> changes;
  for (const auto& row : sql.query(
           "SELECT reservation_id, event_id, status_before, status_after, quantity, event_version,"
           " closed_event_version, reassigned FROM trail_reservations WHERE event_id IN (" +
           event_ids + ") ORDER BY sequence")) {
    ReservationChange& change = append(changes);
    change.reservation_id = number(row[0]);
    change.event_id = number(row[1]);
    change.status_before = status(row[2]);
    change.status_after = status(row[3]);
    change.quantity = number(row[4]);
    change.event_version = number(row[5]);
    if (row[6]) change.closed_event_version = number(row[6]);
    change.reassigned = number(row[7]) != 0;
  }
  return changes;
}

// In one transaction: what fails leaves nothing.
void install_on_postgresql(Sql& sql) {
  sql.run("BEGIN");
  try {
    sql.run(k_events_table);
    sql.run(create({"trail_event_update", "events", "UPDATE", k_into_events}, sql.dialect()));
    sql.run(fmt::format(fmt::runtime(k_reservations_table), ""));
    for (const Trigger& trigger : triggers("nextval('trail_sequence')"))
      sql.run(create(trigger, sql.dialect()));
    sql.run("COMMIT");
  } catch (const SqlError&) {
    sql.run("ROLLBACK");
    throw;
  }
}

// MySQL commits each of these by itself: what was made is undone by hand.
void install_on_mysql(Sql& sql) {
  sql.run(fmt::format(fmt::runtime(k_reservations_table), "UNSIGNED"));
  std::string undo = "DROP TABLE trail_reservations";
  try {
    for (const Trigger& trigger : triggers("UUID_SHORT()")) {
      sql.run(create(trigger, sql.dialect()));
      undo = fmt::format("DROP TRIGGER {};{}", trigger.name, undo);
    }
  } catch (const SqlError&) {
    sql.run(undo);
    throw;
  }
}

}  // namespace

std::optional<std::string> install_trail(Sql& sql) {
  try {
    if (sql.dialect() == SqlDialect::postgresql) {
      install_on_postgresql(sql);
    } else {
      install_on_mysql(sql);
    }
    return std::nullopt;
  } catch (const SqlError& error) {
    return fmt::format("the database takes no triggers ({}): D2 is not attempted", error.what());
  }
}

void clear_trail(Sql& sql) {
  if (!is_installed(sql)) return;
  sql.run("TRUNCATE TABLE trail_reservations");
  if (sql.dialect() == SqlDialect::postgresql) sql.run("TRUNCATE TABLE trail_events");
}

std::optional<properties::Trail> read_trail(Sql& sql, const std::string& event_ids) {
  if (!is_installed(sql)) return std::nullopt;
  properties::Trail trail;
  trail.event_changes = sql.dialect() == SqlDialect::postgresql;
  if (trail.event_changes) trail.events = read_event_changes(sql, event_ids);
  trail.reservations = read_reservation_changes(sql, event_ids);
  return trail;
}

}  // namespace boxoffice::harness
