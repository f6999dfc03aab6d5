#include "tests/strategies/concurrent_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <thread>

#include "harness/audit/audit.hpp"
#include "properties/names.hpp"
#include "strategies/registry.hpp"
#include "strategies/statement.hpp"
#include "tests/strategies/concurrent_caller.hpp"

namespace boxoffice::tests {

using namespace strategies;
using namespace std::chrono_literals;

namespace {

constexpr auto k_clock_slack = 2ms;

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

PlanRunner::PlanRunner(std::string_view strategy, PlanGround ground) : ground_(std::move(ground)) {
  for (std::size_t i = 0; i < k_plan_servers_max; ++i) servers_.push_back(make_strategy(strategy));
}

PlanRunner::~PlanRunner() = default;

PlanRun PlanRunner::run(const ConcurrentPlan& plan) {
  while (seats_.size() < plan.threads.size()) seats_.push_back(add_seat());
  if (plan.loses_commits()) {
    for (Seat& seat : seats_) {
      if (!seat.lossy) seat.lossy = add_lossy_way();
    }
  }
  const EventId event = add_event(plan.capacity);
  Stage stage(event, plan.hold, requests_);
  std::vector<Caller> callers;
  for (std::size_t i = 0; i < plan.threads.size(); ++i)
    callers.emplace_back(*servers_[i % plan.servers], stage, seats_[i],
                         static_cast<std::int64_t>(i) + 1);
  run_threads(plan, callers);
  requests_ += stage.requests();
  ++runs_;
  PlanRun run{
      history_of(event, plan, callers), harness::read_audit(ground_.sql, {}, {event.value}), {}};
  run.verdict = properties::judge(run.history, run.audit);
  if (run.verdict.outcome == properties::Outcome::pass) ++passed_;
  if (!run.verdict.missing_evidence.empty()) ++empty_;
  return run;
}

EventId PlanRunner::add_event(std::int64_t tickets) {
  ground_.sql.query(
      "INSERT INTO events (name, total_tickets, available_tickets, event_date)"
      " VALUES ('Concert', $1, $1, current_timestamp + INTERVAL '1' DAY)",
      {std::to_string(tickets)});
  return {ground_.sql.number("SELECT max(id) FROM events")};
}

// Connected now: a plan's threads shall meet at the event, not while connecting.
Seat PlanRunner::add_seat() {
  const std::string name = fmt::format("planned-{}", seats_.size() + 1);
  ground_.sql.query("INSERT INTO users (name, email, password) VALUES ($1, $1, '!')", {name});
  Seat seat{ground_.database.connect(), UserId{ground_.sql.number("SELECT max(id) FROM users")}};
  seat.connection->session();
  return seat;
}

LossyWay PlanRunner::add_lossy_way() {
  const bool postgresql = ground_.database.dialect() == Dialect::postgresql;
  LossyWay way{std::make_unique<harness::Proxy>(ground_.port),
               postgresql ? harness::Wire::postgresql : harness::Wire::mysql, nullptr};
  way.connection = ground_.at_port(way.proxy->port()).connect();
  way.connection->session();
  return way;
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
