// D2: every row went through legal transitions only, and every version of an event is one change of
// its inventory, by just as many tickets as its reservations say.
//
// What: the trail that triggers kept of each committed INSERT, UPDATE and DELETE, in the order in
// which the rows' locks were held. A reservation begins as reserved and changes its status once; a
// closed one never changes again; none is deleted or handed to another. An event's changes follow
// from each other without a gap, its version never jumps, nor does it stay where a transaction
// moves tickets; each transaction leaves between 0 and all of them; and the tickets that a version
// moved are those that were taken or given back at it (where one transaction makes two versions,
// together: atomic takes tickets first, and gives those of the same user's stale hold back second,
// though it expired first). At the end of the trail stand the rows of the audit. Where no events
// are written down (harness/audit/trail.cpp says on which engines), the reservations' changes are
// checked, and that all of them together lead to the event's row.
//
// Why: the other invariants see the state at the end and what clients were told. What was wrong for
// a moment and then mended, or done by two errors that cancel each other, is seen only here.
// It cannot see what a transaction did that was rolled back; that never was.
#include <algorithm>
#include <iterator>
#include <map>
#include <unordered_map>

#include "properties/invariants/invariants.hpp"
#include "properties/names.hpp"

namespace boxoffice::properties {
namespace {

constexpr auto k_reserved = ReservationStatus::reserved;

std::string words(const std::optional<ReservationStatus>& status) {
  return status ? std::string(name_of(*status)) : "nothing";
}

/// What is wrong with one change of a reservation, whose last known status is `now`; empty:
/// nothing.
std::string fault_of(const ReservationChange& change, const std::optional<ReservationStatus>& now) {
  if (change.status_before != now) {
    return sentence("changed from ", words(change.status_before), ", but was ", words(now));
  }
  if (!change.status_after) return "was deleted";
  if (change.reassigned) return "was given another event, user or quantity";
  if (!change.status_before) {
    if (*change.status_after == k_reserved) return {};
    return sentence("began as ", words(change.status_after));
  }
  if (*change.status_before != k_reserved) {
    return sentence("was ", words(change.status_before), " and was changed to ",
                    words(change.status_after));
  }
  return {};
}

/// How many tickets the reservations of an event moved at each of its versions.
using Moves = std::map<std::int64_t, std::int64_t>;

void add_moves(const ReservationChange& change, Moves& moves) {
  if (!change.status_before) moves[change.event_version] -= change.quantity;
  const bool released =
      change.status_before == k_reserved && (change.status_after == ReservationStatus::cancelled ||
                                             change.status_after == ReservationStatus::expired);
  if (released && change.closed_event_version) {
    moves[*change.closed_event_version] += change.quantity;
  }
}

/// The trail of one event, beside what the run knows of it.
class EventTrail {
 public:
  EventTrail(const Run& run, const EventRun& event, Findings& findings)
      : run_(run), event_(event), findings_(findings) {}

  void reservation(const ReservationChange& change) {
    findings_.examined();
    const auto [found, first] = statuses_.try_emplace(change.reservation_id);
    auto& now = found->second;
    if (first && is_older(change.event_version)) now = change.status_before;
    const std::string fault = fault_of(change, now);
    if (!fault.empty()) breach(sentence("reservation ", change.reservation_id, " ", fault), change);
    now = change.status_after;
    add_moves(change, moves_);
  }

  void event(const EventChange& change) {
    findings_.examined();
    if (writer_ != change.writer) check_what_was_left();
    const std::int64_t step = change.version_after - version_;
    if (change.version_before != version_ || change.available_before != available_ ||
        change.total_before != total_) {
      breach(sentence("event ", event_.id(), " changed from version ", change.version_before,
                      " with ", change.available_before, " of ", change.total_before,
                      " tickets, but was at version ", version_, " with ", available_, " of ",
                      total_));
    } else if (run_.header->versions && (step < 0 || step > 1)) {
      breach(sentence("event ", event_.id(), " went from version ", version_, " to ",
                      change.version_after));
    } else if (run_.header->versions && step == 0 && writer_ != change.writer && moves(change)) {
      breach(sentence("event ", event_.id(), " went from ", available_, " of ", total_,
                      " tickets to ", change.available_after, " of ", change.total_after,
                      " and stayed at version ", version_));
    }
    version_ = change.version_after;
    available_ = change.available_after;
    total_ = change.total_after;
    writer_ = change.writer;
    Counted& counted = counted_[change.version_after];
    counted.writer = change.writer;
    counted.tickets += (change.available_after - change.total_after) -
                       (change.available_before - change.total_before);
  }

  void finish() {
    check_what_was_left();
    if (!run_.audit->trail->event_changes) {
      compare_total();
    } else {
      if (run_.header->versions) compare_moves();
      compare_event_with_row();
    }
    compare_reservations_with_rows();
  }

 private:
  void breach(std::string message) {
    findings_.violation(event_.id(), k_never_ns, [&] { return Contradiction{message, {}, {}}; });
  }
  void breach(std::string message, const ReservationChange& change) {
    findings_.violation(event_.id(), k_never_ns, [&] {
      return Contradiction{message, {}, {change.reservation_id}};
    });
  }

  struct Counted {
    std::int64_t tickets = 0;
    std::int64_t writer = 0;
  };

  static bool moves(const EventChange& change) {
    return change.available_after != change.available_before ||
           change.total_after != change.total_before;
  }

  /// What the last transaction left: only between its own changes may the numbers be others.
  void check_what_was_left() {
    if (available_ >= 0 && available_ <= total_) return;
    breach(sentence("event ", event_.id(), " was left with ", available_, " of ", total_,
                    " tickets at version ", version_));
  }

  /// Made before the run began: its insert is in no trail of this run.
  bool is_older(std::int64_t made_at) const {
    return run_.header->versions && event_.start->version > 0 && made_at <= event_.start->version;
  }

  void compare_moves() {
    for (const auto& [version, tickets] : moves_) counted_.try_emplace(version);
    for (auto at = counted_.begin(); at != counted_.end(); ++at) {
      const auto& [version, counted] = *at;
      const std::int64_t surplus = counted.tickets - moved(version);
      if (surplus == 0) continue;
      const auto next = std::next(at);
      if (next != counted_.end() && next->first == version + 1 &&
          next->second.writer == counted.writer &&
          surplus + next->second.tickets - moved(version + 1) == 0) {
        at = next;  // one transaction, two versions
        continue;
      }
      breach(sentence("version ", version, " of event ", event_.id(), " moved ", counted.tickets,
                      " tickets, its reservations ", moved(version)));
    }
  }

  std::int64_t moved(std::int64_t version) const {
    const auto found = moves_.find(version);
    return found == moves_.end() ? 0 : found->second;
  }

  void compare_total() {
    if (!event_.end) return;
    std::int64_t expected = event_.start->available_tickets - event_.start->total_tickets;
    for (const auto& [version, tickets] : moves_) expected += tickets;
    if (event_.end->available_tickets - event_.end->total_tickets == expected) return;
    breach(sentence("the trail's reservations leave ", event_.end->total_tickets + expected,
                    " tickets of event ", event_.id(), ", its row has ",
                    event_.end->available_tickets));
  }

  /// The trail has no end missing: it leads to what the audit found.
  void compare_event_with_row() {
    const AuditedEvent* end = event_.end;
    if (!end || (end->version == version_ && end->available_tickets == available_ &&
                 end->total_tickets == total_)) {
      return;
    }
    breach(sentence("the trail of event ", event_.id(), " ends at version ", version_, " with ",
                    available_, " of ", total_, " tickets, its row has version ", end->version,
                    " and ", end->available_tickets, " of ", end->total_tickets));
  }

  void compare_reservations_with_rows() {
    for (const AuditedReservation* row : event_.rows) {
      const auto found = statuses_.find(row->reservation_id);
      if (found == statuses_.end() && is_older(row->event_version)) continue;
      if (found != statuses_.end() && found->second == row->status) continue;
      const auto was = found == statuses_.end() ? std::nullopt : found->second;
      findings_.violation(event_.id(), k_never_ns, [&] {
        return Contradiction{sentence("the trail of reservation ", row->reservation_id, " ends as ",
                                      words(was), ", its row is ", name_of(row->status)),
                             {},
                             {row->reservation_id}};
      });
    }
  }

  const Run& run_;
  const EventRun& event_;
  Findings& findings_;
  std::int64_t version_ = event_.start->version;
  std::int64_t available_ = event_.start->available_tickets;
  std::int64_t total_ = event_.start->total_tickets;
  std::optional<std::int64_t> writer_;  // of the change that led there
  std::unordered_map<std::int64_t, std::optional<ReservationStatus>> statuses_;
  Moves moves_;                              // by what the reservations say
  std::map<std::int64_t, Counted> counted_;  // by what the event's row says, at each version
};

}  // namespace

Findings check_d2_trail(const Run& run) {
  Findings findings("D2");
  const Trail& trail = *run.audit->trail;
  std::map<std::int64_t, EventTrail> trails;
  for (const EventRun& event : run.events) {
    trails.try_emplace(event.id(), run, event, findings);
  }
  const auto of = [&](std::int64_t event) {
    const auto found = trails.find(event);
    return found == trails.end() ? nullptr : &found->second;
  };
  for (const ReservationChange& change : trail.reservations) {
    if (EventTrail* event = of(change.event_id)) event->reservation(change);
  }
  for (const EventChange& change : trail.events) {
    if (EventTrail* event = of(change.event_id)) event->event(change);
  }
  for (auto& [id, event] : trails) event.finish();
  return findings;
}

}  // namespace boxoffice::properties
