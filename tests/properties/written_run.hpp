// A run written by hand: one event, operations with the moments and numbers that a test wants.
//
// Times are milliseconds; each operation is a process of its own unless told otherwise, so that any
// overlap can be written. Nothing is checked or derived: what a test writes is what the judge gets.
#pragma once

#include <algorithm>
#include <functional>
#include <string>
#include <utility>

#include "properties/verdict.hpp"

namespace boxoffice::properties {

class WrittenRun {
 public:
  static constexpr std::int64_t k_hold_ms = 1000;

  explicit WrittenRun(std::int64_t tickets, std::int64_t version = 0) {
    history.header.run_id = "written";
    history.header.hold_us = k_hold_ms * 1000;
    history.header.events = {{1, tickets, tickets, version}};
    audit.events = {{1, tickets, tickets, version, {}, {}}};
  }

  /// The two entries of an operation; -1 as `return_ms`: it never completed.
  std::int64_t add(Entry entry, std::int64_t call_ms, std::int64_t return_ms, EntryType type,
                   Output out = {}, Error error = {}) {
    entry.event_id = 1;
    entry.index = next_++;
    entry.process = entry.process == 0 ? 1000 + entry.index : entry.process;
    entry.t_ns = call_ms * 1'000'000;
    history.entries.push_back(entry);
    if (return_ms >= 0) {
      Entry done = entry;
      done.index = next_++;
      done.t_ns = return_ms * 1'000'000;
      done.type = type;
      done.out = out;
      done.error = std::move(error);
      history.entries.push_back(done);
    }
    std::stable_sort(history.entries.begin(), history.entries.end(),
                     [](const Entry& a, const Entry& b) { return a.t_ns < b.t_ns; });
    return entry.index;
  }

  Entry reserve_call(std::int64_t user, std::int64_t quantity, std::string request = {}) {
    Entry entry;
    entry.f = Function::reserve;
    entry.in = {user, quantity, 0};
    entry.request_id = request.empty() ? "request-" + std::to_string(next_) : std::move(request);
    return entry;
  }
  Entry call(Function f, std::int64_t user, std::int64_t reservation) {
    Entry entry;
    entry.f = f;
    entry.in = {user, 0, reservation};
    return entry;
  }

  /// An acknowledged reserve, with its row. `user` is also the reservation's id.
  std::int64_t reserve(std::int64_t call_ms, std::int64_t return_ms, std::int64_t user,
                       std::int64_t quantity, std::int64_t available, std::int64_t version) {
    Entry entry = reserve_call(user, quantity);
    row(user, quantity, version, entry.request_id);
    Output out{201, ReservationStatus::reserved, user, user, quantity, available, version, {}};
    return add(entry, call_ms, return_ms, EntryType::ok, out);
  }
  std::int64_t found(std::int64_t call_ms, std::int64_t return_ms, std::int64_t user,
                     std::int64_t available, std::int64_t version, std::string request = {}) {
    Output out{200, ReservationStatus::reserved, user, user, {}, available, version, {}};
    return add(reserve_call(user, 1, std::move(request)), call_ms, return_ms, EntryType::ok, out);
  }
  std::int64_t cancel(std::int64_t call_ms, std::int64_t return_ms, std::int64_t user,
                      std::int64_t available, std::int64_t version) {
    AuditedReservation& closed = row_of(user);
    closed.status = ReservationStatus::cancelled;
    closed.closed_event_version = version;
    Output out{200, ReservationStatus::cancelled, user, user, closed.quantity, available, version,
               {}};
    return add(call(Function::cancel, user, user), call_ms, return_ms, EntryType::ok, out);
  }
  std::int64_t purchase(std::int64_t call_ms, std::int64_t return_ms, std::int64_t user) {
    row_of(user).status = ReservationStatus::purchased;
    row_of(user).purchased_us = row_of(user).expires_us - 1;
    Output out;
    out.http = 200;
    out.reservation_id = user;
    return add(call(Function::purchase, user, user), call_ms, return_ms, EntryType::ok, out);
  }
  std::int64_t refused(Function f, std::int64_t call_ms, std::int64_t return_ms, std::int64_t user,
                       const std::string& code, int http = 409) {
    return add(call(f, user, user), call_ms, return_ms, EntryType::fail, {}, {code, http, ""});
  }
  std::int64_t sold_out(std::int64_t call_ms, std::int64_t return_ms, std::int64_t quantity,
                        std::int64_t available, std::int64_t version) {
    Output out;
    out.http = 409;
    out.available = available;
    out.version = version;
    return add(reserve_call(99, quantity), call_ms, return_ms, EntryType::fail, out,
               {"sold_out", 409, ""});
  }
  std::int64_t read(std::int64_t call_ms, std::int64_t return_ms, std::int64_t available,
                    std::int64_t version) {
    Output out;
    out.http = 200;
    out.available = available;
    out.version = version;
    return add({}, call_ms, return_ms, EntryType::ok, out);
  }

  AuditedReservation& row(std::int64_t id, std::int64_t quantity, std::int64_t version,
                          std::string request) {
    AuditedReservation made;
    made.reservation_id = made.user_id = id;
    made.event_id = 1;
    made.quantity = quantity;
    made.event_version = version;
    made.request_id = std::move(request);
    made.created_us = 1;  // moments are written to the microsecond
    made.expires_us = made.created_us + k_hold_ms * 1000;
    return audit.reservations.emplace_back(made);
  }
  AuditedReservation& row_of(std::int64_t id) {
    return *std::find_if(audit.reservations.begin(), audit.reservations.end(),
                         [&](const auto& row) { return row.reservation_id == id; });
  }
  void expire(std::int64_t id, std::int64_t version) {
    row_of(id).status = ReservationStatus::expired;
    row_of(id).closed_event_version = version;
    row_of(id).updated_us = row_of(id).expires_us;
  }
  /// What `user` asked for was asked for by `by`.
  void asked_by(std::int64_t user, std::int64_t by) {
    for (Entry& entry : history.entries) {
      if (entry.in.user_id == user) entry.in.user_id = by;
    }
  }
  void end(std::int64_t available, std::int64_t version) {
    audit.events[0].available_tickets = available;
    audit.events[0].version = version;
    audit.events[0].get_available = available;
    audit.events[0].get_version = version;
  }

  Verdict judged() const { return judge(history, audit); }
  Verdict judged_without_audit() const { return judge(history, std::nullopt); }

  History history;
  Audit audit;

 private:
  std::int64_t next_ = 1;
};

/// A purchase, a cancel, an expiry and a hold: 10 tickets, 7 left.
inline WrittenRun sound_run() {
  WrittenRun run(10);
  run.reserve(1, 2, 1, 1, 9, 1);
  run.reserve(2, 3, 2, 1, 8, 2);
  run.reserve(3, 4, 3, 1, 7, 3);
  run.purchase(4, 5, 1);
  run.cancel(5, 6, 2, 8, 4);
  run.expire(3, 5);
  run.reserve(1100, 1101, 4, 2, 7, 6);
  run.end(7, 6);
  return run;
}

/// Changes the first reply that says that `reservation` was made.
inline void to_reply(WrittenRun& run, std::int64_t reservation,
                     const std::function<void(Entry&)>& change) {
  for (Entry& entry : run.history.entries) {
    if (entry.out.http == 201 && entry.out.reservation_id == reservation) return change(entry);
  }
}

inline Outcome outcome_of(const Verdict& verdict, const std::string& invariant) {
  for (const Check& check : verdict.checks) {
    if (check.invariant == invariant) return check.outcome;
  }
  return Outcome::unknown;
}

/// All messages of an invariant, for tests that look into them and for what they print.
inline std::string messages(const Verdict& verdict, const std::string& invariant = {}) {
  std::string all;
  for (const Violation& violation : verdict.violations) {
    if (!invariant.empty() && violation.invariant != invariant) continue;
    all += violation.invariant + ": " + violation.message + "\n";
  }
  return all;
}

/// A sound run with one thing changed, and the invariant that must reject it.
struct ChangedRun {
  const char* invariant;
  const char* what;
  std::function<void(WrittenRun&)> change;
};

/// Changes the first success of that kind.
inline void to_success(WrittenRun& run, Function f, const std::function<void(Entry&)>& change) {
  for (Entry& entry : run.history.entries) {
    if (entry.f == f && entry.type == EntryType::ok) return change(entry);
  }
}

/// As of a server that counts none.
inline void forget_versions(WrittenRun& run) {
  run.history.header.versions = false;
  for (Entry& entry : run.history.entries) entry.out.version.reset();
}

}  // namespace boxoffice::properties
