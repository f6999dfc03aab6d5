// One function a resource, and the frames around them.
#include "server/codec.hpp"

#include "server/json_writer.hpp"

namespace boxoffice::server {
namespace {

void write_fields(JsonWriter& json, const strategies::Reservation& reservation) {
  json.field("id", reservation.id.value);
  json.field("event_id", reservation.event_id.value);
  json.field("user_id", reservation.user_id.value);
  json.field("quantity", reservation.quantity);
  json.field("status", strategies::to_string(reservation.status));
  json.field("expires_at", reservation.expires_at);
  json.key("purchased_at");
  if (reservation.purchased_at) {
    json.value(*reservation.purchased_at);
  } else {
    json.null();
  }
  json.field("event_version", reservation.event_version.value);
  json.field("created_at", reservation.created_at);
}

void write_fields(JsonWriter& json, const strategies::Event& event) {
  json.field("id", event.id.value);
  json.field("name", event.name);
  json.field("description", event.description);
  json.field("total_tickets", event.total_tickets);
  json.field("available_tickets", event.available_tickets);
  json.field("price", event.price);
  json.field("currency", event.currency);
  json.field("event_date", event.event_date);
  json.field("category", event.category);
  json.field("version", event.version.value);
  json.field("revision", event.revision);
  json.field("created_at", event.created_at);
  json.field("updated_at", event.updated_at);
}

template <class Row>
void write_listing(std::string& out, const strategies::Listing<Row>& listing,
                   const strategies::Page& page) {
  JsonWriter json(out);
  json.begin_object();
  json.begin_array("data");
  for (const auto& row : listing.rows) {
    json.begin_object();
    write_fields(json, row);
    json.end_object();
  }
  json.end_array();
  json.field("page", page.page);
  json.field("per_page", page.per_page);
  json.field("total", listing.total);
  json.end_object();
}

}  // namespace

void write_reservation(std::string& out, const strategies::Reservation& reservation,
                       const strategies::EventNumbers& event) {
  JsonWriter json(out);
  json.begin_object();
  json.begin_object("reservation");
  write_fields(json, reservation);
  json.end_object();
  json.begin_object("event");
  json.field("id", event.id.value);
  json.field("available_tickets", event.available_tickets);
  json.field("version", event.version.value);
  json.end_object();
  json.end_object();
}

void write_reservation(std::string& out, const strategies::Reservation& reservation) {
  JsonWriter json(out);
  json.begin_object();
  json.begin_object("reservation");
  write_fields(json, reservation);
  json.end_object();
  json.end_object();
}

std::string etag_of(const strategies::Event& event) {
  return '"' + std::to_string(event.revision) + '.' + std::to_string(event.version.value) + '"';
}

void write_event(std::string& out, const strategies::Event& event) {
  JsonWriter json(out);
  json.begin_object();
  json.begin_object("event");
  write_fields(json, event);
  json.end_object();
  json.end_object();
}

void write_events(std::string& out, const strategies::Listing<strategies::Event>& events,
                  const strategies::Page& page) {
  write_listing(out, events, page);
}

void write_reservations(std::string& out,
                        const strategies::Listing<strategies::Reservation>& reservations,
                        const strategies::Page& page) {
  write_listing(out, reservations, page);
}

}  // namespace boxoffice::server
