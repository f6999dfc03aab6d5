// A correct reservation server in memory, one operation at a time: what the simulator linearizes.
//
// It follows the domain's rules to the letter (idempotent holds, request_ids, expiry by the
// database's clock, one version for each change of an event's inventory) and keeps the rows for the
// audit. It is written apart from the oracle, which must agree with it without sharing a line.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "properties/audit.hpp"

namespace boxoffice::properties::simulation {

/// What the server answers: an entry's completion, but for its times.
struct Reply {
  EntryType type = EntryType::ok;
  Output out;
  Error error;
};

class ModelServer {
 public:
  ModelServer(std::int64_t hold_us, std::vector<AuditedEvent> events);

  /// `now_us` is the database's clock; it never goes back.
  Reply reserve(std::int64_t event_id, std::int64_t user_id, std::int64_t quantity,
                const std::string& request_id, std::int64_t now_us);
  Reply purchase(std::int64_t user_id, std::int64_t reservation_id, std::int64_t now_us);
  Reply cancel(std::int64_t user_id, std::int64_t reservation_id, std::int64_t now_us);
  Reply read(std::int64_t event_id) const;
  /// What a reserve answers that finds its own lost COMMIT again: 200, as things are now.
  Reply look_up(const std::string& request_id) const;
  /// Expires at most `batch` holds of an event as one change.
  void sweep(std::int64_t event_id, std::size_t batch, std::int64_t now_us);

  bool has_request(const std::string& request_id) const { return requests_.contains(request_id); }
  /// With the trail that the triggers of a database would have kept.
  Audit audit() const;

 private:
  AuditedReservation* find(std::int64_t user_id, std::int64_t reservation_id);
  Reply with_event(Reply reply, std::int64_t event_id) const;
  Reply found(const AuditedReservation& row) const;
  void expire(AuditedReservation& row, std::int64_t now_us);
  /// As the triggers of a database would: the event or row as it was before, beside what it is.
  void write_down(const AuditedEvent& event, const AuditedEvent& before);
  void write_down(const AuditedReservation& row, std::optional<ReservationStatus> before);

  std::int64_t hold_us_;
  std::map<std::int64_t, AuditedEvent> events_;
  std::map<std::int64_t, AuditedReservation> rows_;
  std::map<std::string, std::int64_t> requests_;
  Trail trail_;
  std::int64_t transactions_ = 0;
};

}  // namespace boxoffice::properties::simulation
