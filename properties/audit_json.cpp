// See audit_json.hpp.
#include "properties/audit_json.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "properties/names.hpp"

namespace boxoffice::properties {
namespace json = boost::json;
namespace {

void put(json::object& object, std::string_view key, const std::optional<std::int64_t>& value) {
  if (value) object[key] = *value;
}

json::object line_of(const AuditedEvent& event) {
  json::object line{{"kind", "event"},
                    {"event_id", event.event_id},
                    {"total_tickets", event.total_tickets},
                    {"available_tickets", event.available_tickets},
                    {"version", event.version}};
  put(line, "get_available", event.get_available);
  put(line, "get_version", event.get_version);
  return line;
}

json::object line_of(const AuditedReservation& row) {
  json::object line{
      {"kind", "reservation"},       {"reservation_id", row.reservation_id},
      {"event_id", row.event_id},    {"user_id", row.user_id},
      {"quantity", row.quantity},    {"status", json::string_view(name_of(row.status))},
      {"expires_us", row.expires_us}};
  put(line, "purchased_us", row.purchased_us);
  if (!row.request_id.empty()) line["request_id"] = row.request_id;
  line["event_version"] = row.event_version;
  put(line, "closed_event_version", row.closed_event_version);
  line["created_us"] = row.created_us;
  line["updated_us"] = row.updated_us;
  return line;
}

json::object line_of(const EventChange& change) {
  return {{"kind", "event_change"},
          {"sequence", change.sequence},
          {"event_id", change.event_id},
          {"writer", change.writer},
          {"total_before", change.total_before},
          {"total_after", change.total_after},
          {"available_before", change.available_before},
          {"available_after", change.available_after},
          {"version_before", change.version_before},
          {"version_after", change.version_after}};
}

json::object line_of(const ReservationChange& change) {
  json::object line{{"kind", "reservation_change"},
                    {"sequence", change.sequence},
                    {"reservation_id", change.reservation_id},
                    {"event_id", change.event_id}};
  if (change.status_before)
    line["status_before"] = json::string_view(name_of(*change.status_before));
  if (change.status_after) line["status_after"] = json::string_view(name_of(*change.status_after));
  line["quantity"] = change.quantity;
  line["event_version"] = change.event_version;
  put(line, "closed_event_version", change.closed_event_version);
  if (change.reassigned) line["reassigned"] = true;
  return line;
}

AuditedEvent event_from(JsonFields& fields) {
  AuditedEvent event;
  event.event_id = fields.required_integer("event_id", k_id_max);
  event.total_tickets = fields.required_integer("total_tickets");
  event.available_tickets = fields.required_integer("available_tickets");
  event.version = fields.required_integer("version");
  event.get_available = fields.optional_integer("get_available");
  event.get_version = fields.optional_integer("get_version");
  fields.no_others();
  return event;
}

AuditedReservation reservation_from(JsonFields& fields) {
  AuditedReservation row;
  row.reservation_id = fields.required_integer("reservation_id", k_id_max);
  row.event_id = fields.required_integer("event_id", k_id_max);
  row.user_id = fields.required_integer("user_id", k_id_max);
  row.quantity = fields.required_integer("quantity", k_quantity_max);
  const auto status = reservation_status_named(fields.required_word("status"));
  if (!status) fields.fail("status", "is no status of a reservation");
  row.status = status.value_or(ReservationStatus::reserved);
  row.expires_us = fields.required_integer("expires_us", k_time_us_max);
  row.purchased_us = fields.optional_integer("purchased_us", k_time_us_max);
  row.request_id = fields.text("request_id");
  row.event_version = fields.required_integer("event_version");
  row.closed_event_version = fields.optional_integer("closed_event_version");
  row.created_us = fields.integer("created_us", k_time_us_max);
  row.updated_us = fields.integer("updated_us", k_time_us_max);
  fields.no_others();
  return row;
}

EventChange event_change_from(JsonFields& fields) {
  EventChange change;
  change.sequence = fields.required_integer("sequence");
  change.event_id = fields.required_integer("event_id", k_id_max);
  change.writer = fields.required_integer("writer", k_id_max);
  change.total_before = fields.required_integer("total_before");
  change.total_after = fields.required_integer("total_after");
  change.available_before = fields.required_integer("available_before");
  change.available_after = fields.required_integer("available_after");
  change.version_before = fields.required_integer("version_before");
  change.version_after = fields.required_integer("version_after");
  fields.no_others();
  return change;
}

std::optional<ReservationStatus> status_from(JsonFields& fields, const char* name) {
  const auto word = fields.text(name);
  if (word.empty()) return std::nullopt;
  const auto status = reservation_status_named(word);
  if (!status) fields.fail(name, "is no status of a reservation");
  return status;
}

ReservationChange reservation_change_from(JsonFields& fields) {
  ReservationChange change;
  change.sequence = fields.required_integer("sequence");
  change.reservation_id = fields.required_integer("reservation_id", k_id_max);
  change.event_id = fields.required_integer("event_id", k_id_max);
  change.status_before = status_from(fields, "status_before");
  change.status_after = status_from(fields, "status_after");
  if (!change.status_before && !change.status_after)
    fields.fail("status_after", "is missing, and so is status_before");
  change.quantity = fields.required_integer("quantity", k_quantity_max);
  change.event_version = fields.required_integer("event_version");
  change.closed_event_version = fields.optional_integer("closed_event_version");
  change.reassigned = fields.boolean("reassigned", false);
  fields.no_others();
  return change;
}

/// What has been read, and how many lines the first one says are to follow, where it says so.
struct Reading {
  Audit audit;
  std::optional<std::int64_t> lines;
};

/// Adds what one line says to `reading`; `error` says what is wrong with it.
void take_line(std::string_view text, bool first, Reading& reading, std::string& error) {
  Audit& audit = reading.audit;
  boost::system::error_code code;
  const json::value value = json::parse(text, code);
  if (code || !value.is_object()) {
    error = code ? code.message() : "is not a JSON object";
    return;
  }
  JsonFields fields(value.get_object(), error);
  if (first) {
    if (fields.required_word("schema") != k_audit_schema) fields.fail("schema", "is unknown");
    reading.lines = fields.optional_integer("lines");
    if (fields.boolean("trail", false)) {
      audit.trail.emplace().event_changes = fields.boolean("event_changes", true);
    }
    fields.no_others();
    return;
  }
  const std::string_view kind = fields.required_word("kind");
  if (kind == "event") {
    audit.events.push_back(event_from(fields));
  } else if (kind == "reservation") {
    audit.reservations.push_back(reservation_from(fields));
  } else if (audit.trail && audit.trail->event_changes && kind == "event_change") {
    audit.trail->events.push_back(event_change_from(fields));
  } else if (audit.trail && kind == "reservation_change") {
    audit.trail->reservations.push_back(reservation_change_from(fields));
  } else {
    fields.fail("kind", audit.trail ? "is none of event, reservation, event_change and "
                                      "reservation_change"
                                    : "is neither event nor reservation");
  }
}

std::size_t lines_of(const Audit& audit) {
  const std::size_t changes =
      audit.trail ? audit.trail->events.size() + audit.trail->reservations.size() : 0;
  return audit.events.size() + audit.reservations.size() + changes;
}

}  // namespace

void append_audit(std::string& out, const Audit& audit) {
  out.append("{\"schema\":\"").append(k_audit_schema).append("\",\"lines\":");
  out.append(std::to_string(lines_of(audit)));
  if (audit.trail) out.append(",\"trail\":true,\"event_changes\":");
  out.append(!audit.trail ? "}\n" : audit.trail->event_changes ? "true}\n" : "false}\n");
  for (const AuditedEvent& event : audit.events) {
    out.append(json::serialize(line_of(event))).push_back('\n');
  }
  for (const AuditedReservation& row : audit.reservations) {
    out.append(json::serialize(line_of(row))).push_back('\n');
  }
  if (!audit.trail) return;
  for (const EventChange& change : audit.trail->events) {
    out.append(json::serialize(line_of(change))).push_back('\n');
  }
  for (const ReservationChange& change : audit.trail->reservations) {
    out.append(json::serialize(line_of(change))).push_back('\n');
  }
}

ReadResult<Audit> read_audit(std::string_view text) {
  Reading reading;
  std::string error;
  std::int64_t line = 0;
  while (!text.empty()) {
    ++line;
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return ReadError{line, "the last line is cut off"};
    take_line(text.substr(0, end), line == 1, reading, error);
    if (!error.empty()) return ReadError{line, error};
    text.remove_prefix(end + 1);
  }
  if (line == 0) return ReadError{1, "the audit has no header line"};
  if (reading.lines && *reading.lines != line - 1) {
    return ReadError{line, "is the last line, and the first says that " +
                               std::to_string(*reading.lines) + " follow it, not " +
                               std::to_string(line - 1)};
  }
  return std::move(reading.audit);
}

}  // namespace boxoffice::properties
