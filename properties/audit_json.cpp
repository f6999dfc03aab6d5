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

AuditedEvent event_from(JsonFields& fields) {
  AuditedEvent event;
  event.event_id = fields.required_integer("event_id");
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
  row.reservation_id = fields.required_integer("reservation_id");
  row.event_id = fields.required_integer("event_id");
  row.user_id = fields.required_integer("user_id");
  row.quantity = fields.required_integer("quantity", k_quantity_max);
  const auto status = reservation_status_named(fields.required_word("status"));
  if (!status) fields.fail("status", "is no status of a reservation");
  row.status = status.value_or(ReservationStatus::reserved);
  row.expires_us = fields.required_integer("expires_us");
  row.purchased_us = fields.optional_integer("purchased_us");
  row.request_id = fields.text("request_id");
  row.event_version = fields.required_integer("event_version");
  row.closed_event_version = fields.optional_integer("closed_event_version");
  row.created_us = fields.integer("created_us");
  row.updated_us = fields.integer("updated_us");
  fields.no_others();
  return row;
}

/// Adds what one line says to `audit`; `error` says what is wrong with it.
void take_line(std::string_view text, bool first, Audit& audit, std::string& error) {
  boost::system::error_code code;
  const json::value value = json::parse(text, code);
  if (code || !value.is_object()) {
    error = code ? code.message() : "is not a JSON object";
    return;
  }
  JsonFields fields(value.get_object(), error);
  if (first) {
    if (fields.required_word("schema") != k_audit_schema) fields.fail("schema", "is unknown");
    fields.no_others();
    return;
  }
  const std::string_view kind = fields.required_word("kind");
  if (kind == "event") {
    audit.events.push_back(event_from(fields));
  } else if (kind == "reservation") {
    audit.reservations.push_back(reservation_from(fields));
  } else {
    fields.fail("kind", "is neither event nor reservation");
  }
}

}  // namespace

void append_audit(std::string& out, const Audit& audit) {
  out.append("{\"schema\":\"").append(k_audit_schema).append("\"}\n");
  for (const AuditedEvent& event : audit.events) {
    out.append(json::serialize(line_of(event))).push_back('\n');
  }
  for (const AuditedReservation& row : audit.reservations) {
    out.append(json::serialize(line_of(row))).push_back('\n');
  }
}

ReadResult<Audit> read_audit(std::string_view text) {
  Audit audit;
  std::string error;
  std::int64_t line = 0;
  while (!text.empty()) {
    ++line;
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return ReadError{line, "the last line is cut off"};
    take_line(text.substr(0, end), line == 1, audit, error);
    if (!error.empty()) return ReadError{line, error};
    text.remove_prefix(end + 1);
  }
  if (line == 0) return ReadError{1, "the audit has no header line"};
  return audit;
}

}  // namespace boxoffice::properties
