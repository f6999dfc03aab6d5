// See model_server.hpp.
#include "model_server.hpp"

namespace boxoffice::properties::simulation {
namespace {

Reply refusal(int http, std::string code) {
  Reply reply;
  reply.type = EntryType::fail;
  reply.out.http = http;
  reply.error = {std::move(code), http, ""};
  return reply;
}

}  // namespace

ModelServer::ModelServer(std::int64_t hold_us, std::vector<AuditedEvent> events)
    : hold_us_(hold_us) {
  for (const AuditedEvent& event : events) events_[event.event_id] = event;
}

Reply ModelServer::with_event(Reply reply, std::int64_t event_id) const {
  reply.out.available = events_.at(event_id).available_tickets;
  reply.out.version = events_.at(event_id).version;
  return reply;
}

Reply ModelServer::found(const AuditedReservation& row) const {
  Reply reply;
  reply.out = {200, row.reservation_id, row.user_id, row.quantity, row.status, {},
               {},  row.expires_us};
  return with_event(reply, row.event_id);
}

Reply ModelServer::reserve(std::int64_t event_id, std::int64_t user_id, std::int64_t quantity,
                           const std::string& request_id, std::int64_t now_us) {
  if (requests_.contains(request_id)) return found(rows_.at(requests_.at(request_id)));
  AuditedEvent& event = events_.at(event_id);
  for (auto& [id, row] : rows_) {
    if (row.event_id != event_id || row.user_id != user_id) continue;
    if (row.status != ReservationStatus::reserved) continue;
    if (now_us < row.expires_us) return found(row);
    ++event.version;
    expire(row, now_us);
  }
  if (event.available_tickets < quantity) return with_event(refusal(409, "sold_out"), event_id);
  event.available_tickets -= quantity;
  ++event.version;
  AuditedReservation row;
  row.reservation_id = 100 + static_cast<std::int64_t>(rows_.size());
  row.event_id = event_id;
  row.user_id = user_id;
  row.quantity = quantity;
  row.expires_us = now_us + hold_us_;
  row.request_id = request_id;
  row.event_version = event.version;
  row.created_us = row.updated_us = now_us;
  rows_[row.reservation_id] = row;
  requests_[request_id] = row.reservation_id;
  Reply reply = found(row);
  reply.out.http = 201;
  return reply;
}

AuditedReservation* ModelServer::find(std::int64_t user_id, std::int64_t reservation_id) {
  const auto at = rows_.find(reservation_id);
  return at == rows_.end() || at->second.user_id != user_id ? nullptr : &at->second;
}

Reply ModelServer::purchase(std::int64_t user_id, std::int64_t reservation_id,
                            std::int64_t now_us) {
  AuditedReservation* row = find(user_id, reservation_id);
  if (!row) return refusal(404, "reservation_not_found");
  if (row->status == ReservationStatus::purchased) return refusal(409, "already_purchased");
  if (row->status == ReservationStatus::cancelled) return refusal(409, "already_cancelled");
  if (row->status == ReservationStatus::expired || now_us >= row->expires_us) {
    return refusal(410, "reservation_expired");
  }
  row->status = ReservationStatus::purchased;
  row->purchased_us = row->updated_us = now_us;
  Reply reply;
  reply.out = {200, row->reservation_id, row->user_id, row->quantity, row->status, {},
               {},  row->expires_us};
  return reply;
}

Reply ModelServer::cancel(std::int64_t user_id, std::int64_t reservation_id, std::int64_t now_us) {
  AuditedReservation* row = find(user_id, reservation_id);
  if (!row) return refusal(404, "reservation_not_found");
  if (row->status != ReservationStatus::reserved) {
    return with_event(refusal(409, "not_cancellable"), row->event_id);
  }
  AuditedEvent& event = events_.at(row->event_id);
  event.available_tickets += row->quantity;
  row->closed_event_version = ++event.version;
  row->status = ReservationStatus::cancelled;
  row->updated_us = now_us;
  return found(*row);
}

Reply ModelServer::read(std::int64_t event_id) const {
  Reply reply;
  reply.out.http = 200;
  return with_event(reply, event_id);
}

Reply ModelServer::look_up(const std::string& request_id) const {
  return found(rows_.at(requests_.at(request_id)));
}

void ModelServer::expire(AuditedReservation& row, std::int64_t now_us) {
  AuditedEvent& event = events_.at(row.event_id);
  event.available_tickets += row.quantity;
  row.status = ReservationStatus::expired;
  row.closed_event_version = event.version;
  row.updated_us = now_us;
}

void ModelServer::sweep(std::int64_t event_id, std::size_t batch, std::int64_t now_us) {
  std::size_t swept = 0;
  for (auto& [id, row] : rows_) {
    if (row.event_id != event_id || row.status != ReservationStatus::reserved) continue;
    if (now_us < row.expires_us || swept == batch) continue;
    if (swept++ == 0) ++events_.at(event_id).version;
    expire(row, now_us);
  }
}

Audit ModelServer::audit() const {
  Audit audit;
  for (const auto& [id, event] : events_) {
    audit.events.push_back(event);
    audit.events.back().get_available = event.available_tickets;
    audit.events.back().get_version = event.version;
  }
  for (const auto& [id, row] : rows_) audit.reservations.push_back(row);
  return audit;
}

}  // namespace boxoffice::properties::simulation
