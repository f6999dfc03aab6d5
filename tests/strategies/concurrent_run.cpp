#include "tests/strategies/concurrent_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <thread>

#include "harness/audit/audit.hpp"
#include "properties/names.hpp"
#include "strategies/failure.hpp"

namespace boxoffice::tests {

using namespace strategies;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

namespace {

constexpr auto k_clock_slack = 2ms;
constexpr std::int64_t k_threads_max = 100;  // processes n, n + 100, ... are thread n's

std::int64_t now_ns() {
  return Clock::now().time_since_epoch().count();
}

void say(properties::Entry& entry, const Reservation& reservation) {
  entry.out.reservation_id = reservation.id.value;
  entry.out.user_id = reservation.user_id.value;
  entry.out.quantity = reservation.quantity;
  entry.out.status = static_cast<properties::ReservationStatus>(reservation.status);
  entry.out.expires_us = reservation.expires_at.time_since_epoch().count();
}

void say(properties::Entry& entry, const EventNumbers& numbers) {
  entry.out.available = numbers.available_tickets;
  entry.out.version = numbers.version.value;
}

// What the threads of one run share.
struct Stage {
  const Strategy& strategy;
  EventId event;
  std::chrono::milliseconds hold;
  std::int64_t first_request;
  std::atomic<std::int64_t> next_request = 0;
  std::atomic<std::int64_t> last_made_ns = 0;  // when the last hold was made, at the latest

  std::string new_request_id() {
    return fmt::format("00000000-0000-4000-8000-{:012x}", first_request + next_request++);
  }
};

// One thread of a plan: its calls, each recorded as two entries.
class Caller {
 public:
  Caller(Stage& stage, PlanRunner::Seat& seat, std::int64_t process)
      : stage_(stage), seat_(seat), process_(process) {}

  void run(const std::vector<PlannedCall>& calls) {
    for (const PlannedCall& call : calls) {
      switch (call.kind) {
        case CallKind::reserve:
          reserve(call.quantity);
          break;
        case CallKind::purchase:
          if (call.my_hold < holds_.size()) purchase(holds_[call.my_hold]);
          break;
        case CallKind::cancel:
          if (call.my_hold < holds_.size()) cancel(holds_[call.my_hold]);
          break;
        case CallKind::sweep:
          sweep();
          break;
        case CallKind::outlast:
          std::this_thread::sleep_until(
              Clock::time_point(std::chrono::nanoseconds(stage_.last_made_ns)) + stage_.hold + 1ms);
          break;
      }
    }
  }

  const std::vector<properties::Entry>& entries() const { return entries_; }

 private:
  // A sweep has no client: what it did is read from the rows.
  void sweep() {
    try {
      (void)stage_.strategy.release_expired(*seat_.connection, stage_.event);
    } catch (const std::exception&) {  // it may have happened, as any expiry
    }
  }

  properties::Entry begin(properties::Function f, std::int64_t quantity, ReservationId id,
                          const std::string& request_id) {
    properties::Entry entry;
    entry.process = process_;
    entry.f = f;
    entry.event_id = stage_.event.value;
    entry.request_id = request_id;
    entry.in = {seat_.user.value, quantity, id.value};
    entry.t_ns = entry.t_sched_ns = now_ns();
    entries_.push_back(entry);
    return entry;
  }

  // As the server answers it (server/problem.cpp): a judge goes by it where it says "not there".
  static int status_of(RefusalCode code) {
    if (code == RefusalCode::event_not_found || code == RefusalCode::reservation_not_found)
      return 404;
    return code == RefusalCode::reservation_expired ? 410 : 409;
  }

  // Calls, and records what came back: a reply, a refusal, a failure that changed nothing, or one
  // of which nobody knows.
  template <class Call, class OnReply>
  void record(properties::Entry entry, Call call, OnReply on_reply) {
    using properties::EntryType;
    try {
      const auto result = call();
      entry.type = result ? EntryType::ok : EntryType::fail;
      entry.out.http = result ? 200 : status_of(result.error().code);
      if (result) {
        on_reply(entry, *result);
      } else {
        entry.error = {std::string(to_string(result.error().code)), entry.out.http, ""};
        if (result.error().event) say(entry, *result.error().event);
      }
    } catch (const Failure& failure) {
      const bool unknown = failure.code() == FailureCode::commit_unknown;
      entry.type = unknown ? EntryType::info : EntryType::fail;
      entry.error = {std::string(to_string(failure.code())), 503, ""};
    } catch (const std::exception& error) {
      entry.type = EntryType::info;
      entry.error = {error.what(), 500, ""};
    }
    entry.t_ns = now_ns();
    if (entry.type == EntryType::info) process_ += k_threads_max;  // goes on as another client
    entries_.push_back(std::move(entry));
  }

  void reserve(std::int64_t quantity) {
    const ReserveCommand command{stage_.event, seat_.user, quantity, stage_.new_request_id(),
                                 stage_.hold};
    record(
        begin(properties::Function::reserve, quantity, ReservationId{}, command.request_id),
        [&] { return stage_.strategy.reserve(*seat_.connection, command); },
        [&](properties::Entry& entry, const ReserveReply& reply) {
          entry.out.http = reply.created ? 201 : 200;
          say(entry, reply.reservation);
          say(entry, reply.event);
          holds_.push_back(reply.reservation.id);
          stage_.last_made_ns = now_ns();
        });
  }

  void purchase(ReservationId id) {
    record(
        begin(properties::Function::purchase, 0, id, ""),
        [&] {
          return stage_.strategy.purchase(*seat_.connection, {id, seat_.user});
        },
        [](properties::Entry& entry, const PurchaseReply& reply) {
          say(entry, reply.reservation);
        });
  }

  void cancel(ReservationId id) {
    record(
        begin(properties::Function::cancel, 0, id, ""),
        [&] {
          return stage_.strategy.cancel(*seat_.connection, {id, seat_.user});
        },
        [](properties::Entry& entry, const CancelReply& reply) {
          say(entry, reply.reservation);
          say(entry, reply.event);
        });
  }

  Stage& stage_;
  PlanRunner::Seat& seat_;
  std::int64_t process_;
  std::vector<ReservationId> holds_;
  std::vector<properties::Entry> entries_;
};

// They wait for each other awake: whoever is woken comes too late for most races.
void run_threads(const ConcurrentPlan& plan, std::vector<Caller>& callers) {
  callers.front().run(plan.prefix);
  std::atomic<std::size_t> there = 0;
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < callers.size(); ++i) {
    threads.emplace_back([&, i] {
      ++there;
      while (there < callers.size()) std::this_thread::yield();
      callers[i].run(plan.threads[i]);
    });
  }
}

properties::History history_of(EventId event, const ConcurrentPlan& plan,
                               const std::vector<Caller>& callers) {
  properties::History history;
  history.header.run_id = "plan";
  history.header.hold_us = std::chrono::microseconds(plan.hold).count();
  history.header.clock_slack_us = std::chrono::microseconds(k_clock_slack).count();
  history.header.events = {{event.value, plan.capacity, plan.capacity, 0}};
  for (const Caller& caller : callers)
    history.entries.insert(history.entries.end(), caller.entries().begin(), caller.entries().end());
  std::ranges::stable_sort(history.entries, {}, &properties::Entry::t_ns);
  for (std::size_t i = 0; i < history.entries.size(); ++i)
    history.entries[i].index = static_cast<std::int64_t>(i);
  return history;
}

std::string reply_text(const properties::Entry& entry) {
  std::string text = entry.error.code;
  if (entry.type == properties::EntryType::ok)
    text =
        entry.out.http == 200 && entry.f == properties::Function::reserve ? "already held" : "ok";
  if (entry.out.reservation_id) text += fmt::format(", reservation {}", *entry.out.reservation_id);
  if (entry.out.available)
    text += fmt::format(", {} left at version {}", *entry.out.available, *entry.out.version);
  return text;
}

}  // namespace

const properties::Violation* violation_in(const properties::Verdict& verdict,
                                          const std::vector<std::string>& invariants) {
  for (const properties::Violation& violation : verdict.violations) {
    if (invariants.empty() || std::ranges::count(invariants, violation.invariant))
      return &violation;
  }
  return nullptr;
}

PlanRunner::PlanRunner(const Strategy& strategy, Database database, harness::Sql& sql)
    : strategy_(strategy), database_(std::move(database)), sql_(sql) {}

PlanRun PlanRunner::run(const ConcurrentPlan& plan) {
  while (seats_.size() < plan.threads.size()) seats_.push_back(add_seat());
  const EventId event = add_event(plan.capacity);
  Stage stage{strategy_, event, plan.hold, requests_};
  std::vector<Caller> callers;
  for (std::size_t i = 0; i < plan.threads.size(); ++i)
    callers.emplace_back(stage, seats_[i], static_cast<std::int64_t>(i) + 1);
  run_threads(plan, callers);
  requests_ += stage.next_request;
  ++runs_;
  PlanRun run{history_of(event, plan, callers), harness::read_audit(sql_, {}, {event.value}), {}};
  run.verdict = properties::judge(run.history, run.audit);
  if (run.verdict.outcome == properties::Outcome::pass) ++passed_;
  if (!run.verdict.missing_evidence.empty()) ++empty_;
  return run;
}

EventId PlanRunner::add_event(std::int64_t tickets) {
  sql_.query(
      "INSERT INTO events (name, total_tickets, available_tickets, event_date)"
      " VALUES ('Concert', $1, $1, current_timestamp + INTERVAL '1' DAY)",
      {std::to_string(tickets)});
  return {sql_.number("SELECT max(id) FROM events")};
}

// Connected now: a plan's threads shall meet at the event, not while connecting.
PlanRunner::Seat PlanRunner::add_seat() {
  const std::string name = fmt::format("planned-{}", seats_.size() + 1);
  sql_.query("INSERT INTO users (name, email, password) VALUES ($1, $1, '!')", {name});
  Seat seat{database_.connect(), UserId{sql_.number("SELECT max(id) FROM users")}};
  seat.connection->session();
  return seat;
}

std::string text_of(const properties::History& history) {
  std::string text;
  std::map<std::int64_t, const properties::Entry*> called;
  const std::int64_t begun = history.entries.empty() ? 0 : history.entries.front().t_ns;
  for (const properties::Entry& entry : history.entries) {
    if (entry.type == properties::EntryType::invoke) {
      called[entry.process] = &entry;
      continue;
    }
    const properties::Entry& call = *called.at(entry.process);
    const std::string what = call.in.reservation_id
                                 ? fmt::format("reservation {}", call.in.reservation_id)
                                 : std::to_string(call.in.quantity);
    text += fmt::format(
        "  #{:<3}{:>6.2f} to {:>6.2f} ms  thread {}: {} {} -> {}\n", call.index,
        static_cast<double>(call.t_ns - begun) / 1e6, static_cast<double>(entry.t_ns - begun) / 1e6,
        entry.process % k_threads_max, properties::name_of(entry.f), what, reply_text(entry));
  }
  return text;
}

}  // namespace boxoffice::tests
