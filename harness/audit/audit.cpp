// See audit.hpp.
#include "harness/audit/audit.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <thread>

#include "harness/audit/trail.hpp"
#include "harness/database/engine.hpp"
#include "harness/failure.hpp"
#include "harness/target.hpp"

namespace boxoffice::harness {

namespace {

using namespace std::chrono_literals;
using properties::AuditedEvent;
using properties::AuditedReservation;
using properties::ReservationStatus;

// "1,2,3": numbers only, so that it may stand in a statement's text, which all engines index.
std::string id_list(const std::vector<std::int64_t>& ids) {
  return ids.empty() ? "-1" : fmt::format("{}", fmt::join(ids, ","));
}

std::optional<std::int64_t> number_or_null(const std::optional<std::string>& column) {
  if (!column) return std::nullopt;
  return std::stoll(*column);
}

std::vector<AuditedEvent> read_events(Sql& sql, const std::string& ids) {
  std::vector<AuditedEvent> events;
  for (const auto& row :
       sql.query("SELECT id, total_tickets, available_tickets, version FROM events WHERE id IN (" +
                 ids + ") ORDER BY id")) {
    events.push_back({.event_id = number(row[0]),
                      .total_tickets = number(row[1]),
                      .available_tickets = number(row[2]),
                      .version = number(row[3]),
                      .get_available = {},
                      .get_version = {}});
  }
  return events;
}

std::vector<AuditedReservation> read_reservations(Sql& sql, const std::string& ids) {
  std::vector<AuditedReservation> reservations;
  const auto us = [&](const char* column) {
    return fmt::format(fmt::runtime(engine_sql(sql.dialect()).microseconds), column);
  };
  const auto rows = sql.query(fmt::format(
      "SELECT id, event_id, user_id, quantity, status, {}, {}, request_id, event_version,"
      " closed_event_version, {}, {} FROM reservations WHERE event_id IN ({}) ORDER BY id",
      us("expires_at"), us("purchased_at"), us("created_at"), us("updated_at"), ids));
  reservations.reserve(rows.size());
  for (const auto& row : rows) {
    reservations.push_back({.reservation_id = number(row[0]),
                            .event_id = number(row[1]),
                            .user_id = number(row[2]),
                            .quantity = number(row[3]),
                            .status = status_of(row[4].value()),
                            .expires_us = number(row[5]),
                            .purchased_us = number_or_null(row[6]),
                            .request_id = row[7].value(),
                            .event_version = number(row[8]),
                            .closed_event_version = number_or_null(row[9]),
                            .created_us = number(row[10]),
                            .updated_us = number(row[11])});
  }
  return reservations;
}

properties::Audit read_snapshot(Sql& sql, const std::string& ids) {
  sql.run(engine_sql(sql.dialect()).begin_snapshot);
  properties::Audit audit{read_events(sql, ids), read_reservations(sql, ids), read_trail(sql, ids)};
  sql.run("COMMIT");
  return audit;
}

// What the server says of an event; nothing where it does not answer, or not with an event.
void ask(const load::LoadPlan& plan, AuditedEvent& event) {
  std::optional<SaidOfEvent> said;
  try {
    said = ask_event(plan, event.event_id);
  } catch (const std::runtime_error&) {
    return;
  }
  if (!said || !said->found || said->aged) return;
  event.get_available = said->available;
  event.get_version = said->version;
}

bool contradicts(const AuditedEvent& event) {
  return event.get_available.value_or(event.available_tickets) != event.available_tickets ||
         event.get_version.value_or(event.version) != event.version;
}

/// The plan's further targets, each with what asking takes.
std::vector<load::LoadPlan> further_plans(const load::LoadPlan& plan) {
  std::vector<load::LoadPlan> plans;
  for (const std::string& target : plan.further_targets) {
    plans.emplace_back().target = target;
    plans.back().adapter = plan.adapter;
  }
  return plans;
}

}  // namespace

ReservationStatus status_of(const std::string& word) {
  if (word == "reserved") return ReservationStatus::reserved;
  if (word == "purchased") return ReservationStatus::purchased;
  if (word == "cancelled") return ReservationStatus::cancelled;
  if (word == "expired") return ReservationStatus::expired;
  throw EnvironmentBroke("the database holds an unknown status: " + word);
}

std::string why_blind(Sql& sql) {
  const EngineSql& engine = engine_sql(sql.dialect());
  try {
    if (sql.number(engine.unseen_sessions) == 0) return "";
  } catch (const SqlError&) {  // where it is not the right that is missing the next one fails too
  }
  return fmt::format(
      "this account does not see whether other sessions have transactions open, so no audit is "
      "possible: {}",
      sql.text(engine.sight_grant));
}

void wait_until_quiet(Sql& sql, Duration bound) {
  const EngineSql& engine = engine_sql(sql.dialect());
  const auto give_up = std::chrono::steady_clock::now() + bound;
  do {
    // Before the first question too: somebody may have asked a moment ago, and InnoDB would repeat
    // what it said then.
    std::this_thread::sleep_for(engine.open_transactions_pause);
    if (sql.number(engine.open_transactions) == 0) return;
  } while (std::chrono::steady_clock::now() < give_up);
  throw EnvironmentBroke(
      "a session still had a transaction open long after the load ended: no audit is possible");
}

properties::Audit read_audit(Sql& sql, const std::vector<std::string>& targets,
                             const std::vector<std::int64_t>& events) {
  load::LoadPlan plan;
  if (!targets.empty()) {
    plan.target = targets.front();
    plan.further_targets.assign(targets.begin() + 1, targets.end());
  }
  plan.events = events;
  return read_audit(sql, plan);
}

properties::Audit read_audit(Sql& sql, const load::LoadPlan& plan) {
  const std::string ids = id_list(plan.events);
  const std::vector<load::LoadPlan> others = further_plans(plan);
  for (int tries = 1;; ++tries) {
    properties::Audit audit = read_snapshot(sql, ids);
    if (plan.target.empty()) return audit;
    for (AuditedEvent& event : audit.events) {
      ask(plan, event);
      for (auto other = others.begin(); other != others.end() && !contradicts(event); ++other)
        ask(*other, event);
    }
    const std::vector<AuditedEvent> after = read_events(sql, ids);
    const bool moved =
        !std::equal(after.begin(), after.end(), audit.events.begin(), audit.events.end(),
                    [](const auto& a, const auto& b) { return a.version == b.version; });
    if (!moved) return audit;
    if (tries == 100) {  // what was read beside changes is of another moment than the rows
      for (AuditedEvent& event : audit.events) event.get_available = event.get_version = {};
      return audit;
    }
    std::this_thread::sleep_for(20ms);
  }
}

}  // namespace boxoffice::harness
