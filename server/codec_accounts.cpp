// The JSON of accounts and of what administrators read; codec.cpp has the rest.
#include "server/codec.hpp"
#include "server/json_writer.hpp"

namespace boxoffice::server {
namespace {

void write_time(JsonWriter& json, std::string_view name,
                const std::optional<strategies::Timestamp>& time) {
  json.key(name);
  if (time) {
    json.value(*time);
  } else {
    json.null();
  }
}

void write_token(JsonWriter& json, const strategies::IssuedToken& token) {
  json.begin_object();
  json.field("id", token.id.value);
  json.field("name", token.name);
  json.field("abilities", token.abilities);
  write_time(json, "last_used_at", token.last_used_at);
  write_time(json, "expires_at", token.expires_at);
  json.field("created_at", token.created_at);
  json.end_object();
}

void write_count(JsonWriter& json, std::string_view name, const strategies::StatusCount& count) {
  json.begin_object(name);
  json.field("reservations", count.reservations);
  json.field("tickets", count.tickets);
  json.end_object();
}

}  // namespace

void write_user(std::string& out, const strategies::User& user, std::string_view token) {
  JsonWriter json(out);
  json.begin_object();
  json.begin_object("user");
  json.field("id", user.id.value);
  json.field("name", user.name);
  json.field("email", user.email);
  json.field("role", user.role);
  json.field("created_at", user.created_at);
  json.end_object();
  if (!token.empty()) json.field("token", token);
  json.end_object();
}

void write_tokens(std::string& out, const std::vector<strategies::IssuedToken>& tokens) {
  JsonWriter json(out);
  json.begin_object();
  json.begin_array("data");
  for (const auto& token : tokens) write_token(json, token);
  json.end_array();
  json.end_object();
}

void write_statistics(std::string& out, const strategies::EventStatistics& statistics) {
  JsonWriter json(out);
  json.begin_object();
  json.begin_object("event");
  json.field("id", statistics.id.value);
  json.field("total_tickets", statistics.total_tickets);
  json.field("available_tickets", statistics.available_tickets);
  json.field("version", statistics.version.value);
  json.end_object();
  write_count(json, "reserved", statistics.reserved);
  write_count(json, "purchased", statistics.purchased);
  write_count(json, "cancelled", statistics.cancelled);
  write_count(json, "expired", statistics.expired);
  write_count(json, "overdue", statistics.overdue);
  json.end_object();
}

void write_invariants(std::string& out, const strategies::Invariants& invariants) {
  JsonWriter json(out);
  json.begin_object();
  json.flag("hold", invariants.broken.empty());
  json.field("events", invariants.events);
  json.begin_array("broken");
  for (const auto& event : invariants.broken) {
    json.begin_object();
    json.field("event_id", event.event.value);
    json.field("total_tickets", event.total_tickets);
    json.field("available_tickets", event.available_tickets);
    json.field("committed_tickets", event.taken_tickets);
    json.end_object();
  }
  json.end_array();
  json.end_object();
}

}  // namespace boxoffice::server
