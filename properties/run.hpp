// A run: history and audit, joined by event and by reservation. What every invariant looks at.
//
// The join is made once: operations are grouped by event, and within an event each reservation gets
// its row and all operations that name it. From these follow its three effects: that it was made,
// by which operation and at which version; that it was purchased; that its tickets went back
// (closed). An effect that no reply acknowledged is filled in from the row, with the operations
// that may have caused it. Nothing is judged here: contradictions stay, for the invariants to find.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "properties/audit.hpp"
#include "properties/history.hpp"
#include "properties/operations.hpp"

namespace boxoffice::properties {

/// Something that happened to a reservation, as far as it is known: not before `call_ns`, not after
/// `return_ns`, at the event's `version`.
struct Effect {
  const Operation* operation = nullptr;  ///< that did it, or might have; null: nobody known
  bool acknowledged = false;             ///< a reply of `operation` says that it did it
  std::int64_t call_ns = k_ever_ns;
  std::int64_t return_ns = k_never_ns;
  std::optional<std::int64_t> version;
};

struct Reservation {
  std::int64_t reservation_id = 0;
  std::int64_t quantity = 0;  ///< as the clients saw it, else the row's; 0: unknown
  const AuditedReservation* row = nullptr;
  std::span<const Operation* const> operations;  ///< that name it, in the order of their calls
  std::optional<Effect> made;  ///< absent: before the run, or nobody saw it and there is no row
  std::optional<Effect> purchased;
  std::optional<Effect> cancelled;  ///< the first one acknowledged, else as the row has it
  bool before_run = false;          ///< its row is older than the run
  /// By how much the latest promise of when the hold ends is later than the first, microseconds;
  /// known where it was found, or tried to purchase: until when others were active nobody asks.
  std::int64_t prolonged_us = 0;
};

struct EventRun {
  const EventCapacity* start = nullptr;
  const AuditedEvent* end = nullptr;            ///< null: no audit, or the event is not in it
  std::vector<const Operation*> operations;     ///< in the order of their calls
  std::vector<const AuditedReservation*> rows;  ///< by reservation_id
  std::vector<Reservation> reservations;        ///< by reservation_id
  std::vector<const Operation*> named;          ///< what Reservation::operations point into
  /// Why its capacity may have been another at some moment of the run, in which case nothing that
  /// supposes it constant is checked; empty: it was constant.
  std::string resized;

  std::int64_t id() const { return start->event_id; }
};

struct Run {
  const Header* header = nullptr;
  const Audit* audit = nullptr;  ///< null: the database was not asked
  const std::vector<Fault>* faults = nullptr;
  std::vector<Operation> operations;  ///< by event, in the order of their calls
  std::vector<EventRun> events;       ///< in the header's order

  /// By how much the clock of the databases was set during the run, or holds last longer or shorter
  /// than the header says, microseconds: so much less is known of when holds ended.
  std::int64_t clock_moved_us = 0;
  /// How coarsely the server writes the moments at which holds end: a second, where all are whole
  /// ones, so that a hold may end up to a second before or after its time. 0: to the microsecond.
  std::int64_t written_to_ns = 0;

  std::int64_t hold_ns() const { return header->hold_us * 1000; }
  /// One microsecond more than the header says: the database writes its moments in whole ones.
  std::int64_t slack_ns() const { return (header->clock_slack_us + 1 + clock_moved_us) * 1000; }
  /// How long a hold lasts at least, by the harness's clock; 0 where nothing bounds it.
  std::int64_t least_hold_ns() const;

  /// Whether an operation that got no reply may have purchased or cancelled the reservation: the
  /// owner's, where one is known, and a purchase that was sent while the hold may have been active.
  bool may_have_ended(const Reservation& reservation, const Operation& operation) const;

  /// The earliest moment at which the hold may have expired; k_ever_ns where nothing bounds it.
  std::int64_t expires_from_ns(const Reservation& reservation) const;
  /// The latest moment at which it may still have been active; k_never_ns where nothing bounds it.
  /// A server may prolong a hold: later by as much as the latest promise, of a reply or the row, is
  /// later than the first.
  std::int64_t active_until_ns(const Reservation& reservation) const;
};

/// Who a reservation belongs to: by its row, else by the reserve that made it.
std::optional<std::int64_t> owner_of(const Reservation& reservation);

/// Its tickets had gone back before the run began.
bool closed_before_run(const EventRun& event, const Reservation& reservation);

/// The version at which its tickets went back without any reply that says so, by the row; absent
/// where none did.
std::optional<std::int64_t> unsaid_close(const EventRun& event, const Reservation& reservation);

/// Whether a reply 200 to a reserve is to another request than the one that made the reservation.
/// False where nobody knows which did.
bool is_of_another(const Reservation& reservation, const Operation& found);

/// A reply 200 to a reserve found either the user's active hold, or, for the same request_id, the
/// reservation in whatever state it is. True where it is certain that it was reserved then.
bool saw_reserved(const Reservation& reservation, const Operation& found);

/// A reply 200 to another request than the one that made the reservation: it found the user's
/// active hold. (The request's own reservation is answered as it is, also when its time is over and
/// no sweep has met it.) True where it is certain.
bool saw_active(const Reservation& reservation, const Operation& found);

/// `history`, `audit` must outlive the result; `operations` are those of
/// pair_entries(history), which found no fault in it.
Run join(const History& history, const Audit* audit, std::vector<Operation> operations);

}  // namespace boxoffice::properties
