// What administrators do to the catalogue, and what they ask of it.
//
// A change of capacity is a change of inventory: it is made under the event's row lock and counts
// in the event's version, like a reserve. Every edit counts in the revision, which is what an
// If-Match compares: so that tickets that are sold meanwhile disturb no editor, and two editors
// disturb each other.
#pragma once

#include <functional>
#include <vector>

#include "strategies/catalogue.hpp"
#include "strategies/identity.hpp"
#include "strategies/transaction.hpp"

namespace boxoffice::strategies {

struct NewEvent {
  std::string name;
  std::string description;
  std::int64_t total_tickets = 0;
  std::string price = "0.00";  ///< decimal text with at most two places
  std::string currency = "EUR";
  Timestamp event_date;
  std::string category = "general";
};

/// What is absent stays as it is.
struct EventEdit {
  std::optional<std::string> name = {}, description = {}, price = {}, currency = {}, category = {};
  std::optional<std::int64_t> total_tickets = {};
  std::optional<Timestamp> event_date = {};
};

/// What is written down of an event in the transaction that creates it, and how it is found there.
struct CreationRecord {
  std::function<void(Transaction&, const Event&)> write = {};
  /// On another connection, where the COMMIT got no answer; waits until the first one has ended.
  std::function<bool(Transaction&)> is_written = {};
};

/// Throws Failure, as all below do. A COMMIT that is lost cannot be asked for without a record, nor
/// can those below: commit_unknown.
Event create_event(Connection&, const NewEvent&, const CreationRecord& record = {});

/// `revision`: the one that the editor has seen, where it says so. Refuses with event_not_found,
/// precondition_failed or capacity_below_committed.
Result<Event> edit_event(Connection&, EventId, const EventEdit&,
                         std::optional<std::int64_t> revision);

/// Refuses with event_not_found, precondition_failed or event_has_reservations: what was ever
/// reserved is kept.
Result<EventId> delete_event(Connection&, EventId, std::optional<std::int64_t> revision);

/// Reservations of one status.
struct StatusCount {
  std::int64_t reservations = 0;
  std::int64_t tickets = 0;
};

struct EventStatistics {
  EventId id;
  std::int64_t total_tickets = 0;
  std::int64_t available_tickets = 0;
  EventVersion version;
  StatusCount reserved, purchased, cancelled, expired;
  StatusCount overdue;  ///< of the reserved: over, and not yet swept
};
/// In one snapshot. Nothing where there is no such event.
std::optional<EventStatistics> event_statistics(Connection&, EventId);

struct Invariants {
  std::int64_t events = 0;            ///< that were looked at: all
  std::vector<IdentityBreak> broken;  ///< the first 100
};
/// Each event in one snapshot; reads every reservation, a bounded number of events a statement,
/// and takes the connection for as long as all of them need.
Invariants check_invariants(Connection&);

}  // namespace boxoffice::strategies
