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

void ModelServer::write_down(const AuditedEvent& event, const AuditedEvent& before) {
  const auto sequence = static_cast<std::int64_t>(trail_.events.size()) + 1;
  trail_.events.push_back({.sequence = sequence,
                           .event_id = event.event_id,
                           .writer = transactions_,
                           .total_before = before.total_tickets,
                           .total_after = event.total_tickets,
                           .available_before = before.available_tickets,
                           .available_after = event.available_tickets,
                           .version_before = before.version,
                           .version_after = event.version});
}

void ModelServer::write_down(const AuditedReservation& row,
                             std::optional<ReservationStatus> before) {
  const auto sequence = static_cast<std::int64_t>(trail_.reservations.size()) + 1;
  trail_.reservations.push_back({.sequence = sequence,
                                 .reservation_id = row.reservation_id,
                                 .event_id = row.event_id,
                                 .status_before = before,
                                 .status_after = row.status,
                                 .quantity = row.quantity,
                                 .event_version = row.event_version,
                                 .closed_event_version = row.closed_event_version});
}

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
  reply.out = {200, row.status, row.reservation_id, row.user_id, row.quantity,
               {},  {},         row.expires_us};
  return with_event(reply, row.event_id);
}

Reply ModelServer::reserve(std::int64_t event_id, std::int64_t user_id, std::int64_t quantity,
                           const std::string& request_id, std::int64_t now_us) {
  ++transactions_;
  if (requests_.contains(request_id)) return found(rows_.at(requests_.at(request_id)));
  AuditedEvent& event = events_.at(event_id);
  for (auto& [id, row] : rows_) {
    if (row.event_id != event_id || row.user_id != user_id) continue;
    if (row.status != ReservationStatus::reserved) continue;
    if (now_us < row.expires_us) return found(row);
    const AuditedEvent before = event;
    ++event.version;
    expire(row, now_us);
    write_down(event, before);
  }
  if (event.available_tickets < quantity) return with_event(refusal(409, "sold_out"), event_id);
  const AuditedEvent before = event;
  event.available_tickets -= quantity;
  ++event.version;
  write_down(event, before);
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
  write_down(row, std::nullopt);
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
  ++transactions_;
  row->status = ReservationStatus::purchased;
  row->purchased_us = row->updated_us = now_us;
  write_down(*row, ReservationStatus::reserved);
  Reply reply;
  reply.out = {200, row->status, row->reservation_id, row->user_id, row->quantity,
               {},  {},          row->expires_us};
  return reply;
}

Reply ModelServer::cancel(std::int64_t user_id, std::int64_t reservation_id, std::int64_t now_us) {
  AuditedReservation* row = find(user_id, reservation_id);
  if (!row) return refusal(404, "reservation_not_found");
  if (row->status != ReservationStatus::reserved) {
    return with_event(refusal(409, "not_cancellable"), row->event_id);
  }
  AuditedEvent& event = events_.at(row->event_id);
  ++transactions_;
  const AuditedEvent event_before = event;
  event.available_tickets += row->quantity;
  row->closed_event_version = ++event.version;
  row->status = ReservationStatus::cancelled;
  row->updated_us = now_us;
  write_down(event, event_before);
  write_down(*row, ReservationStatus::reserved);
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
  write_down(row, ReservationStatus::reserved);
}

void ModelServer::sweep(std::int64_t event_id, std::size_t batch, std::int64_t now_us) {
  ++transactions_;
  AuditedEvent& event = events_.at(event_id);
  const AuditedEvent before = event;
  std::size_t swept = 0;
  for (auto& [id, row] : rows_) {
    if (row.event_id != event_id || row.status != ReservationStatus::reserved) continue;
    if (now_us < row.expires_us || swept == batch) continue;
    if (swept++ == 0) ++event.version;
    expire(row, now_us);
  }
  if (swept > 0) write_down(event, before);
}

Audit ModelServer::audit() const {
  Audit audit;
  for (const auto& [id, event] : events_) {
    audit.events.push_back(event);
    audit.events.back().get_available = event.available_tickets;
    audit.events.back().get_version = event.version;
  }
  for (const auto& [id, row] : rows_) audit.reservations.push_back(row);
  audit.trail = trail_;
  return audit;
}

}  // namespace boxoffice::properties::simulation
