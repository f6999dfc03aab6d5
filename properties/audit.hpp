// The audit: what the database holds at the end, read by SQL on the harness's own connection after
// the server is quiet. Data only; harness/audit reads it, audit_json.hpp stores it, the invariants
// D and X compare it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "properties/history.hpp"

namespace boxoffice::properties {

struct AuditedEvent {
  std::int64_t event_id = 0;
  std::int64_t total_tickets = 0;
  std::int64_t available_tickets = 0;
  std::int64_t version = 0;
  /// what a GET /events/{id} said after the server was quiet; absent where it was not asked (X6)
  std::optional<std::int64_t> get_available;
  std::optional<std::int64_t> get_version;
  bool operator==(const AuditedEvent&) const = default;
};

/// A row of `reservations`. All times in microseconds since the Unix epoch, the database's clock.
struct AuditedReservation {
  std::int64_t reservation_id = 0;
  std::int64_t event_id = 0;
  std::int64_t user_id = 0;
  std::int64_t quantity = 0;
  ReservationStatus status = ReservationStatus::reserved;
  std::int64_t expires_us = 0;
  std::optional<std::int64_t> purchased_us;
  std::string request_id;
  std::int64_t event_version = 0;                    ///< the event's version that the reserve made
  std::optional<std::int64_t> closed_event_version;  ///< the one at which its tickets went back
  std::int64_t created_us = 0;
  std::int64_t updated_us = 0;  ///< for an expired row: when it was expired
  bool operator==(const AuditedReservation&) const = default;
};

struct Audit {
  std::vector<AuditedEvent> events;
  std::vector<AuditedReservation> reservations;  ///< only those of the run's events
};

}  // namespace boxoffice::properties
