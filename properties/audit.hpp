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

/// One UPDATE of an event's row, as a trigger saw it.
struct EventChange {
  std::int64_t sequence = 0;  ///< drawn under the row's lock: rising in the order of the changes
  std::int64_t event_id = 0;
  std::int64_t writer = 0;  ///< its transaction
  std::int64_t total_before = 0, total_after = 0;
  std::int64_t available_before = 0, available_after = 0;
  std::int64_t version_before = 0, version_after = 0;
  bool operator==(const EventChange&) const = default;
};

/// One INSERT, UPDATE or DELETE of a reservation's row. Statuses are absent before an INSERT and
/// after a DELETE; the numbers are those after the change, before it for a DELETE.
struct ReservationChange {
  std::int64_t sequence = 0;
  std::int64_t reservation_id = 0;
  std::int64_t event_id = 0;
  std::optional<ReservationStatus> status_before, status_after;
  std::int64_t quantity = 0;
  std::int64_t event_version = 0;
  std::optional<std::int64_t> closed_event_version;
  bool reassigned = false;  ///< an UPDATE changed its event, user or quantity
  bool operator==(const ReservationChange&) const = default;
};

/// What triggers wrote down while the run lasted (verify mode): every committed change, in order.
struct Trail {
  bool event_changes = true;                    ///< false: only reservations were written down
  std::vector<EventChange> events;              ///< by sequence
  std::vector<ReservationChange> reservations;  ///< by sequence
  bool operator==(const Trail&) const = default;
};

struct Audit {
  std::vector<AuditedEvent> events;
  std::vector<AuditedReservation> reservations;  ///< only those of the run's events
  std::optional<Trail> trail = {};               ///< absent: none was kept
};

}  // namespace boxoffice::properties
