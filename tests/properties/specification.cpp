// See specification.hpp. Depth first through the worlds that follow from each other by the rules,
// each met once; and the rows, which say how the first looks and how the last has to.
#include "specification.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "properties/operations.hpp"
#include "specification_rules.hpp"

namespace boxoffice::properties::specification {
namespace {

using enum ReservationStatus;

/// The audit as one end of an execution.
class Rows {
 public:
  Rows(const Header& header, const Audit& audit)
      : versions_(header.versions), start_(header.events.front()), audit_(audit) {}

  /// Holds of before the run are in it from the start. One that was purchased may have been before
  /// the run as well, so that there may be several.
  std::vector<World> starts_from(const World& empty) const {
    std::vector<World> starts{empty};
    for (const AuditedReservation& row : audit_.reservations) {
      if (!versions_ || start_.version == 0 || row.event_version > start_.version) continue;
      Hold hold{.id = row.reservation_id,
                .user_id = row.user_id,
                .tickets = row.quantity,
                .request_id = row.request_id,
                .version = row.event_version};
      if (row.closed_event_version && *row.closed_event_version <= start_.version) {
        hold.status = row.status;
        hold.closed_version = row.closed_event_version;
      }
      for (std::size_t i = starts.size(); i-- > 0;) {
        World start = starts[i];
        starts[i].add(hold);
        if (row.status != purchased) continue;
        start.add(hold);
        start.find(hold.id)->status = purchased;
        starts.push_back(std::move(start));
      }
    }
    std::erase_if(starts, [&](const World& world) { return !adds_up(world); });
    return starts;
  }

  bool are_those_of(const World& world) const {
    if (audit_.events.empty()) return false;
    const AuditedEvent& end = audit_.events.front();
    const bool counts = end.total_tickets == start_.total_tickets &&
                        end.available_tickets == world.available &&
                        end.get_available.value_or(world.available) == world.available;
    const bool counts_changes =
        !versions_ ||
        (end.version == world.version && end.get_version.value_or(world.version) == world.version);
    return counts && counts_changes && audit_.reservations.size() == world.holds.size() &&
           std::ranges::all_of(world.holds, [&](const Hold& hold) {
             const AuditedReservation* row = row_of(hold);
             return row && made_as(*row, hold) && ended_as(*row, hold);
           });
  }

  /// Only to try less: rows keep what happened, so that what they do not say never will.
  bool may_follow(const World& world) const {
    return std::ranges::all_of(world.holds, [&](const Hold& hold) {
      const AuditedReservation* row = row_of(hold);
      if (!row || !made_as(*row, hold)) return false;
      if (hold.status != reserved) return ended_as(*row, hold);
      return !versions_ || row->closed_event_version.value_or(k_never_ns) > world.version;
    });
  }

  std::vector<std::int64_t> made_by(const Operation& reserve) const {
    std::vector<std::int64_t> ids;
    for (const AuditedReservation& row : audit_.reservations) {
      if (row.request_id == reserve.invocation->request_id) ids.push_back(row.reservation_id);
    }
    return ids;
  }

 private:
  /// What was before the run nobody has to explain, but its books balance, and each of its requests
  /// made one reservation.
  bool adds_up(const World& world) const {
    std::int64_t tickets = world.available;
    std::set<std::string_view> requests;
    for (const Hold& hold : world.holds) {
      if (!requests.insert(hold.request_id).second) return false;
      const bool open = hold.status == reserved || hold.status == purchased;
      if (open) tickets += hold.tickets;
      if (open == hold.closed_version.has_value()) return false;
      if (!open && *hold.closed_version <= hold.version) return false;
    }
    return tickets == start_.total_tickets;
  }

  const AuditedReservation* row_of(const Hold& hold) const {
    const auto& rows = audit_.reservations;
    const auto at = std::ranges::find(rows, hold.id, &AuditedReservation::reservation_id);
    return at == rows.end() ? nullptr : &*at;
  }

  bool made_as(const AuditedReservation& row, const Hold& hold) const {
    return row.user_id == hold.user_id && row.quantity == hold.tickets &&
           row.request_id == hold.request_id && (!versions_ || row.event_version == hold.version);
  }

  bool ended_as(const AuditedReservation& row, const Hold& hold) const {
    return row.status == hold.status &&
           (!versions_ || row.closed_event_version == hold.closed_version);
  }

  const bool versions_;
  const EventCapacity& start_;
  const Audit& audit_;
};

/// Without rows: what a reserve may have made whose reply names none is one that somebody found, or
/// one that nobody ever heard of.
std::vector<std::int64_t> made_unseen_by(std::size_t i, const std::vector<Operation>& operations) {
  std::set<std::int64_t> named;
  for (const Operation& operation : operations) {
    if (const auto id = operation.reservation()) named.insert(*id);
  }
  for (const Operation& operation : operations) {
    if (operation.made_reservation()) named.erase(*operation.reservation());
  }
  named.insert(-1 - static_cast<std::int64_t>(i));
  return {named.begin(), named.end()};
}

class Executions {
 public:
  Executions(const Question& question, const Rows* rows, std::int64_t tries_max)
      : question_(question), rows_(rows), tries_left_(tries_max) {}

  bool any_from(const World& world) {
    if (--tries_left_ < 0 || !met_.insert(world).second) return false;
    const std::int64_t deadline_ns = deadline_of(world);
    const bool all_answered = deadline_ns == k_never_ns;
    if (all_answered && (!rows_ || rows_->are_those_of(world))) return true;
    for (const World& next : steps_from(question_, world, deadline_ns)) {
      const bool may_be = next.now_ns <= deadline_ns && (!rows_ || rows_->may_follow(next));
      if (may_be && any_from(next)) return true;
    }
    return false;
  }

  bool gave_up() const { return tries_left_ < 0; }

 private:
  /// When the first reply was there that is still to be given.
  std::int64_t deadline_of(const World& world) const {
    std::int64_t deadline_ns = k_never_ns;
    for (std::size_t i = 0; i < question_.operations.size(); ++i) {
      if (world.has_answered(i)) continue;
      deadline_ns = std::min(deadline_ns, question_.operations[i].return_ns);
    }
    return deadline_ns;
  }

  const Question& question_;
  const Rows* rows_;
  std::int64_t tries_left_;
  std::set<World> met_;
};

}  // namespace

std::optional<bool> has_execution(const History& history, const Audit* audit, Reading reading,
                                  std::int64_t tries_max) {
  const std::vector<Operation> operations = pair_entries(history).operations;
  if (operations.size() > 32) return std::nullopt;
  Question question{history.header, operations, reading == Reading::lenient, audit != nullptr};
  std::optional<Rows> rows;
  if (audit) rows.emplace(history.header, *audit);
  for (std::size_t i = 0; i < operations.size(); ++i) {
    const bool said = operations[i].ok(Function::reserve);
    question.ids.push_back(said   ? std::vector{*operations[i].reservation()}
                           : rows ? rows->made_by(operations[i])
                                  : made_unseen_by(i, operations));
  }
  World start;
  start.available = history.header.events.front().available_tickets;
  start.version = history.header.events.front().version;
  Executions executions(question, rows ? &*rows : nullptr, tries_max);
  for (const World& each : rows ? rows->starts_from(start) : std::vector{start}) {
    if (executions.any_from(each)) return true;
  }
  return executions.gave_up() ? std::nullopt : std::optional(false);
}

}  // namespace boxoffice::properties::specification
