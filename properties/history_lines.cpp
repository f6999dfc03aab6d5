// See history_lines.hpp.
#include "properties/history_lines.hpp"

#include "properties/history_json.hpp"
#include "properties/names.hpp"

namespace boxoffice::properties {
namespace json = boost::json;
namespace {

constexpr std::int64_t k_http_max = 999;

template <class Enum>
Enum word(JsonFields& fields, std::string_view key,
          std::optional<Enum> (*named)(std::string_view)) {
  const std::optional<Enum> value = named(fields.required_word(key));
  if (!value) fields.fail(key, "is no word of the vocabulary");
  return value.value_or(Enum{});
}

Input input_from(const json::object& object, std::string& error) {
  JsonFields fields(object, error);
  Input in;
  in.user_id = fields.integer("user_id", k_id_max);
  in.quantity = fields.integer("quantity", k_quantity_max);
  in.reservation_id = fields.integer("reservation_id", k_id_max);
  fields.no_others();
  return in;
}

Output output_from(const json::object& object, std::string& error) {
  JsonFields fields(object, error);
  Output out;
  out.http = static_cast<int>(fields.integer("http", k_http_max));
  out.reservation_id = fields.optional_integer("reservation_id", k_id_max);
  out.user_id = fields.optional_integer("user_id", k_id_max);
  out.quantity = fields.optional_integer("quantity", k_quantity_max);
  if (object.contains("status")) out.status = word(fields, "status", reservation_status_named);
  out.available = fields.optional_integer("available");
  out.version = fields.optional_integer("version");
  out.expires_us = fields.optional_integer("expires_us", k_time_us_max);
  fields.no_others();
  return out;
}

Error error_from(const json::object& object, std::string& error) {
  JsonFields fields(object, error);
  Error why;
  why.code = fields.text("code");
  why.http = static_cast<int>(fields.integer("http", k_http_max));
  why.phase = fields.text("phase");
  fields.no_others();
  return why;
}

EventCapacity capacity_from(const json::value& value, std::string& error) {
  if (!value.is_object()) {
    error = "an element of \"events\" is not an object";
    return {};
  }
  JsonFields fields(value.get_object(), error);
  EventCapacity event;
  event.event_id = fields.required_integer("event_id", k_id_max);
  event.total_tickets = fields.required_integer("total_tickets");
  event.available_tickets = fields.required_integer("available_tickets");
  event.version = fields.integer("version");
  fields.no_others();
  return event;
}

}  // namespace

Entry entry_from(const json::object& object, std::string& error) {
  JsonFields fields(object, error);
  Entry entry;
  entry.index = fields.required_integer("index");
  entry.t_ns = fields.required_integer("t_ns", k_time_ns_max);
  entry.t_sched_ns = fields.integer("t_sched_ns", k_time_ns_max);
  entry.process = fields.required_integer("process");
  entry.type = word(fields, "type", entry_type_named);
  entry.f = word(fields, "f", function_named);
  entry.event_id = fields.required_integer("event_id", k_id_max);
  entry.request_id = fields.text("request_id");
  if (const json::object* in = fields.nested("in")) entry.in = input_from(*in, error);
  if (const json::object* out = fields.nested("out")) entry.out = output_from(*out, error);
  if (const json::object* why = fields.nested("error")) entry.error = error_from(*why, error);
  fields.no_others();
  return entry;
}

Header header_from(const json::object& object, std::string& error) {
  JsonFields fields(object, error);
  Header header;
  if (fields.required_word("schema") != k_history_schema) {
    fields.fail("schema", "is not \"" + std::string(k_history_schema) + "\"");
  }
  header.run_id = fields.text("run_id");
  header.seed = fields.unsigned_integer("seed");
  header.hold_us = fields.integer("hold_us", k_span_us_max);
  header.clock_slack_us = fields.integer("clock_slack_us", k_span_us_max);
  if (const json::array* events = fields.list("events")) {
    for (const json::value& event : *events) header.events.push_back(capacity_from(event, error));
  }
  if (const json::object* wanted = fields.nested("evidence")) {
    JsonFields evidence(*wanted, error);
    header.evidence.sold_out = evidence.boolean("sold_out", false);
    header.evidence.contention = evidence.boolean("contention", false);
    header.evidence.expiry = evidence.boolean("expiry", false);
    header.evidence.cancel = evidence.boolean("cancel", false);
    header.evidence.faults = evidence.integer("faults");
    evidence.no_others();
  }
  header.versions = fields.boolean("versions", true);
  header.one_hold_per_user = fields.boolean("one_hold_per_user", true);
  header.ids_per_event = fields.boolean("ids_per_event", false);
  header.audit_due = fields.boolean("audit_due", false);
  header.end_due = fields.boolean("end_due", false);
  header.others_may_edit = fields.boolean("others_may_edit", false);
  header.early_visibility = fields.boolean("early_visibility", false);
  fields.no_others();
  return header;
}

Fault fault_from(const json::object& object, std::string& error) {
  JsonFields fields(object, error);
  Fault fault;
  fields.required_word("type");
  fault.kind = fields.required_word("kind");
  fault.t_ns = fields.required_integer("t_ns", k_time_ns_max);
  fault.healed_ns = fields.required_integer("healed_ns", k_time_ns_max);
  fault.in_flight = fields.required_integer("in_flight");
  fault.landed = fields.boolean("landed", false);
  fault.evidence = fields.text("evidence");
  fault.database_ended = fields.boolean("database_ended", false);
  if (fault.healed_ns < fault.t_ns) fields.fail("healed_ns", "is before t_ns");
  fields.no_others();
  return fault;
}

Breakage breakage_from(const json::object& object, std::string& error) {
  JsonFields fields(object, error);
  fields.required_word("type");
  Breakage breakage;
  breakage.why = fields.required_word("why");
  breakage.clock_moved_us = fields.integer("clock_moved_us", k_span_us_max);
  fields.no_others();
  return breakage;
}

std::int64_t end_from(const json::object& object, std::string& error) {
  JsonFields fields(object, error);
  fields.required_word("type");
  const std::int64_t entries = fields.required_integer("entries");
  fields.no_others();
  return entries;
}

FinalCapacity capacity_at_end_from(const json::object& object, std::string& error) {
  JsonFields fields(object, error);
  fields.required_word("type");
  const FinalCapacity capacity{fields.required_integer("event_id", k_id_max),
                               fields.optional_integer("total_tickets")};
  fields.no_others();
  return capacity;
}

}  // namespace boxoffice::properties
