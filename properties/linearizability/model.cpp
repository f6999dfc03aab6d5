// See model.hpp. What each reply needs of the state is in needs.hpp; here effects are gathered:
// acknowledged ones from the replies, hidden ones from the rows, with the same bounds in time that
// H5 uses (run.hpp).
#include "properties/linearizability/model.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <unordered_map>

#include "properties/findings.hpp"
#include "properties/linearizability/needs.hpp"

namespace boxoffice::properties::linearizability {
namespace {

/// Each is a guess of its own to the search. Of more tickets than that it would find no end.
constexpr std::int64_t k_guessed_releases_max = 32;

class Builder {
 public:
  Builder(const Run& run, const EventRun& event, const ModelOptions& options)
      : run_(run), event_(event), options_(options), audited_(event.end != nullptr) {
    model_.event = &event;
    model_.versions = options.versions && run.header->versions;
    model_.total = event.start->total_tickets;
    model_.available = event.start->available_tickets;
    model_.version = event.start->version;
    if (audited_ && model_.versions) model_.end_version = event.end->version;
    model_.steps.reserve(event.operations.size() + event.reservations.size() / 2);
    for (const Operation* operation : event.operations) {
      if (operation->type != EntryType::info) {
        last_reply_ns_ = std::max(last_reply_ns_, operation->return_ns);
      }
    }
  }

  EventModel build() {
    for (const Reservation& reservation : event_.reservations) add(reservation);
    if (options_.expiries) add_guessed_releases();
    add_batches();
    for (const Operation* operation : event_.operations) {
      if (!operation->reservation()) add_unnamed(*operation);
    }
    std::stable_sort(model_.steps.begin(), model_.steps.end(),
                     [](const Step& a, const Step& b) { return a.call_ns < b.call_ns; });
    return std::move(model_);
  }

 private:
  std::uint32_t user(std::optional<std::int64_t> id) {
    if (!id) return k_nobody;
    const auto [at, added] = users_.try_emplace(*id, model_.users);
    if (added) ++model_.users;
    return at->second;
  }

  std::uint32_t add_subject(Status initial, std::optional<std::int64_t> owner, std::int64_t id) {
    model_.initial.push_back(initial);
    // Where a user may have several holds, whose one is does not matter.
    model_.owner.push_back(run_.header->one_hold_per_user ? user(owner) : k_nobody);
    model_.reservation_ids.push_back(id);
    return static_cast<std::uint32_t>(model_.initial.size() - 1);
  }

  Step step_of(const Operation& operation) const {
    Step step;
    step.operation = &operation;
    step.call_ns = operation.call_ns;
    step.return_ns = operation.return_ns;
    step.available = operation.available_or_absent;
    if (model_.versions) step.version = operation.version_or_absent;
    return step;
  }

  Step hidden(const Effect& effect, std::optional<std::int64_t> version) const {
    Step step;
    step.operation = effect.operation;
    step.call_ns = effect.call_ns;
    step.return_ns = effect.return_ns;
    if (model_.versions && version) step.version = *version;
    return step;
  }

  void take(Step step, std::uint32_t subject, StatusSet needs) {
    step.needs = needs;
    step.first_member = static_cast<std::uint32_t>(model_.members.size());
    step.members = 1;
    model_.members.push_back(subject);
    model_.steps.push_back(step);
  }

  void take_change(Step step, std::uint32_t subject, Status becomes, std::int64_t tickets) {
    if (tickets == 0 && becomes != purchased) {
      model_.undecidable = sentence("nobody knows how many tickets reservation ",
                                    model_.reservation_ids[subject], " was of");
    }
    step.changes = true;
    step.becomes = becomes;
    step.tickets = tickets;
    take(step, subject, becomes == reserved ? absent : reserved);
  }

  static Status initial_of(const EventRun& event, const Reservation& reservation) {
    if (!reservation.before_run) return absent;
    if (!closed_before_run(event, reservation)) return reserved;
    return reservation.row->status == ReservationStatus::cancelled ? cancelled : expired;
  }

  void add(const Reservation& reservation) {
    const std::uint32_t subject = add_subject(initial_of(event_, reservation),
                                              owner_of(reservation), reservation.reservation_id);
    const bool known = audited_ || reservation.made || reservation.before_run;
    if (!known && !reservation.operations.empty()) {
      model_.undecidable = sentence("nobody saw who made reservation ", reservation.reservation_id,
                                    ", and there is no audit to say it");
    }
    add_made(reservation, subject);
    const Ends ends = add_ends(reservation, subject);
    for (const Operation* operation : reservation.operations) {
      if (operation->found_reservation()) {
        Step step = step_of(*operation);
        if (saw_active(reservation, *operation)) {
          step.return_ns = std::min(step.return_ns, run_.active_until_ns(reservation));
        }
        take(step, subject, needs_of_found(reservation, *operation));
      } else if (operation->type == EntryType::fail) {
        add_refusal(reservation, *operation, subject, ends);
      }
    }
  }

  void add_made(const Reservation& reservation, std::uint32_t subject) {
    bool said = false;
    for (const Operation* operation : reservation.operations) {
      if (!operation->made_reservation()) continue;
      Step step = step_of(*operation);
      if (model_.versions && step.version == Operation::k_absent && reservation.row) {
        step.version = reservation.row->event_version;
      }
      const std::int64_t tickets =
          operation->tickets > 0 ? operation->tickets : reservation.quantity;
      take_change(step, subject, reserved, -tickets);
      said = true;
    }
    if (said || reservation.before_run || !reservation.made) return;
    take_change(hidden(*reservation.made, reservation.made->version), subject, reserved,
                -reservation.row->quantity);
  }

  Ends add_ends(const Reservation& reservation, std::uint32_t subject) {
    Ends ends;
    for (const Operation* operation : reservation.operations) {
      if (operation->ok(Function::purchase)) {
        Step step = step_of(*operation);
        step.available = step.version = Operation::k_absent;
        add_purchase(step, reservation, subject);
        ends.purchased = true;
      } else if (operation->ok(Function::cancel)) {
        add_cancel(*operation, reservation, subject);
        ends.cancelled = true;
      }
    }
    if (!audited_) return add_possible_ends(reservation, subject, ends);
    if (reservation.purchased && !ends.purchased) {
      add_purchase(hidden(*reservation.purchased, {}), reservation, subject);
      ends.purchased = true;
    }
    add_hidden_close(reservation, subject, ends.cancelled);
    ends.cancelled = reservation.cancelled.has_value();
    return ends;
  }

  void add_purchase(Step step, const Reservation& reservation, std::uint32_t subject) {
    step.return_ns = std::min(step.return_ns, run_.active_until_ns(reservation));
    take_change(step, subject, purchased, 0);
  }

  void add_cancel(const Operation& operation, const Reservation& reservation,
                  std::uint32_t subject) {
    Step step = step_of(operation);
    if (model_.versions && step.version == Operation::k_absent && reservation.cancelled &&
        reservation.cancelled->operation == &operation) {
      step.version = reservation.cancelled->version.value_or(Operation::k_absent);
    }
    take_change(step, subject, cancelled,
                operation.tickets > 0 ? operation.tickets : reservation.quantity);
  }

  /// That its tickets went back, where only the row says so.
  void add_hidden_close(const Reservation& reservation, std::uint32_t subject, bool cancel_said) {
    const AuditedReservation* row = reservation.row;
    if (!row) return;
    const bool row_cancelled = row->status == ReservationStatus::cancelled;
    std::optional<std::int64_t> version;
    if (run_.header->versions) {
      version = unsaid_close(event_, reservation);
      if (!version) return;
    } else if (row->status != ReservationStatus::expired && (!row_cancelled || cancel_said)) {
      return;
    }
    if (row_cancelled) {
      take_change(hidden(*reservation.cancelled, version), subject, cancelled, row->quantity);
      return;
    }
    Step step;
    step.call_ns = run_.expires_from_ns(reservation);
    if (!model_.versions) {
      take_change(step, subject, expired, row->quantity);
      return;
    }
    Batch& batch = batches_[*version];
    batch.call_ns = std::max(batch.call_ns, step.call_ns);
    batch.tickets += row->quantity;
    batch.subjects.push_back(subject);
  }

  /// Without rows: what may have happened to it unseen.
  Ends add_possible_ends(const Reservation& reservation, std::uint32_t subject, Ends ends) {
    for (const Operation* operation : reservation.operations) {
      if (!run_.may_have_ended(reservation, *operation)) continue;
      Step step = step_of(*operation);
      step.mandatory = false;
      if (operation->f == Function::purchase) {
        add_purchase(step, reservation, subject);
        ends.maybe_purchased = true;
      } else {
        take_change(step, subject, cancelled, reservation.quantity);
        ends.maybe_cancelled = true;
      }
    }
    if (options_.expiries && !ends.purchased && !ends.cancelled) {
      add_guessed_expiry(run_.expires_from_ns(reservation), subject, reservation.quantity);
    }
    return ends;
  }

  void add_guessed_expiry(std::int64_t call_ns, std::uint32_t subject, std::int64_t tickets) {
    if (call_ns > last_reply_ns_) return;
    Step step;
    step.call_ns = call_ns;
    step.mandatory = false;
    step.guessed = true;
    take_change(step, subject, expired, tickets);
  }

  /// Tickets that were held before the run may come back, one by one or together: nobody knows
  /// whose holds they are of.
  void add_guessed_releases() {
    const std::int64_t held = model_.total - model_.available;
    if (audited_ || held <= 0) return;
    if (held > k_guessed_releases_max) {
      model_.undecidable = "tickets held before the run may have come back";
      return;
    }
    for (std::int64_t i = 0; i < held; ++i) {
      add_guessed_expiry(k_ever_ns, add_subject(reserved, std::nullopt, 0), 1);
    }
  }

  void add_refusal(const Reservation& reservation, const Operation& operation,
                   std::uint32_t subject, const Ends& ends) {
    Step step = step_of(operation);
    const RefusalNeeds needs = needs_of_refusal(run_, reservation, operation, ends, audited_);
    step.call_ns = std::max(step.call_ns, needs.from_ns);
    if (needs.statuses != 0 || says_something(step, operation)) take(step, subject, needs.statuses);
  }

  static bool says_something(const Step& step, const Operation& operation) {
    return step.available != Operation::k_absent || step.version != Operation::k_absent ||
           operation.sold_out;
  }

  /// Operations that name no reservation: reads, refusals, reserves without a known outcome.
  void add_unnamed(const Operation& operation) {
    if (operation.type == EntryType::info) {
      if (!audited_ && operation.f == Function::reserve) add_possible_reserve(operation);
      return;
    }
    Step step = step_of(operation);
    if (operation.ok(Function::purchase) || operation.ok(Function::cancel)) return;
    if (operation.made_reservation()) {
      if (!audited_) take_change(step, new_subject(operation), reserved, -operation.tickets);
      return;  // its row stands for it, as made by nobody known
    }
    if (operation.sold_out) step.refused = operation.tickets;
    if (says_something(step, operation)) model_.steps.push_back(step);
  }

  std::uint32_t new_subject(const Operation& operation) {
    return add_subject(absent, operation.in().user_id, 0);
  }

  void add_possible_reserve(const Operation& operation) {
    const std::uint32_t subject = new_subject(operation);
    Step step = step_of(operation);
    step.mandatory = false;
    take_change(step, subject, reserved, -operation.tickets);
    if (!options_.expiries) return;
    const std::int64_t held_ns = run_.least_hold_ns();
    add_guessed_expiry(held_ns > 0 ? operation.call_ns + held_ns : k_ever_ns, subject,
                       operation.tickets);
  }

  void add_batches() {
    for (const auto& [version, batch] : batches_) {
      Step step;
      step.call_ns = batch.call_ns;
      step.version = version;
      step.needs = reserved;
      step.changes = true;
      step.becomes = expired;
      step.tickets = batch.tickets;
      step.first_member = static_cast<std::uint32_t>(model_.members.size());
      step.members = static_cast<std::uint32_t>(batch.subjects.size());
      model_.members.insert(model_.members.end(), batch.subjects.begin(), batch.subjects.end());
      model_.steps.push_back(step);
    }
  }

  struct Batch {
    std::int64_t call_ns = k_ever_ns;
    std::int64_t tickets = 0;
    std::vector<std::uint32_t> subjects;
  };

  const Run& run_;
  const EventRun& event_;
  const ModelOptions& options_;
  const bool audited_;
  std::int64_t last_reply_ns_ = k_ever_ns;
  EventModel model_;
  std::unordered_map<std::int64_t, std::uint32_t> users_;
  std::map<std::int64_t, Batch> batches_;  // expired rows by the version that expired them
};

}  // namespace

EventModel build_model(const Run& run, const EventRun& event, const ModelOptions& options) {
  return Builder(run, event, options).build();
}

}  // namespace boxoffice::properties::linearizability
