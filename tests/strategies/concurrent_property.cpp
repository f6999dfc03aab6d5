// RapidCheck, concurrent: plans for two or three threads, generated here on the main thread
// (RapidCheck's macros must not run in others), run behind a barrier on a fresh event of a real
// database, and judged by the oracle from the recorded history and the rows. Each plan runs several
// times, since one run shows one interleaving.
//
// A plan names reservations symbolically ("my k-th hold"), so that removing any command leaves a
// valid plan.
#include <fmt/format.h>
#include <rapidcheck.h>

#include <algorithm>
#include <barrier>
#include <thread>

#include "harness/audit/audit.hpp"
#include "properties/verdict.hpp"
#include "strategies/broken/broken.hpp"
#include "strategies/failure.hpp"
#include "strategies/registry.hpp"
#include "tests/strategies/database_fixture.hpp"

namespace boxoffice::tests {

using namespace strategies;

namespace {

constexpr int k_repeats = 8;
constexpr std::int64_t k_hold_us = 3'000;  // so short that holds run out within a plan

enum class Kind { reserve, purchase, cancel, sweep };

struct PlannedCall {
  Kind kind = Kind::reserve;
  std::int64_t quantity = 1;
  std::size_t my_hold = 0;
};

struct Plan {
  std::int64_t capacity = 1;
  std::vector<std::vector<PlannedCall>> threads;
};

std::ostream& operator<<(std::ostream& out, const Plan& plan) {
  static constexpr const char* k_names[] = {"reserve", "purchase", "cancel", "sweep"};
  out << "capacity " << plan.capacity;
  for (const auto& thread : plan.threads) {
    out << "\n  thread:";
    for (const PlannedCall& call : thread) {
      out << " " << k_names[static_cast<int>(call.kind)] << "("
          << (call.kind == Kind::reserve ? call.quantity : static_cast<std::int64_t>(call.my_hold))
          << ")";
    }
  }
  return out;
}

rc::Gen<PlannedCall> any_call() {
  return rc::gen::build<PlannedCall>(
      rc::gen::set(
          &PlannedCall::kind,
          rc::gen::weightedElement<Kind>(
              {{5, Kind::reserve}, {1, Kind::purchase}, {2, Kind::cancel}, {1, Kind::sweep}})),
      rc::gen::set(&PlannedCall::quantity, rc::gen::inRange<std::int64_t>(1, 3)),
      rc::gen::set(&PlannedCall::my_hold, rc::gen::inRange<std::size_t>(0, 3)));
}

rc::Gen<Plan> any_plan() {
  const auto thread = rc::gen::resize(
      4, rc::gen::nonEmpty(rc::gen::container<std::vector<PlannedCall>>(any_call())));
  return rc::gen::build<Plan>(
      rc::gen::set(&Plan::capacity, rc::gen::inRange<std::int64_t>(1, 12)),
      rc::gen::set(
          &Plan::threads,
          rc::gen::mapcat(rc::gen::inRange<std::size_t>(2, 4), [thread](std::size_t count) {
            return rc::gen::container<std::vector<std::vector<PlannedCall>>>(count, thread);
          })));
}

std::int64_t now_ns() {
  return std::chrono::steady_clock::now().time_since_epoch().count();
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

// One thread of a plan: its calls against the strategy, each recorded as two entries.
class Caller {
 public:
  Caller(const Strategy& strategy, std::unique_ptr<Connection> connection, std::int64_t process,
         EventId event, std::vector<ReserveCommand> commands)
      : strategy_(strategy),
        connection_(std::move(connection)),
        process_(process),
        event_(event),
        commands_(std::move(commands)) {}

  void run(const std::vector<PlannedCall>& calls) {
    for (const PlannedCall& call : calls) {
      if (call.kind == Kind::sweep) {
        (void)strategy_.release_expired(*connection_, event_);
      } else if (call.kind == Kind::reserve) {
        reserve(call.quantity);
      } else if (call.my_hold < holds_.size()) {
        close(call.kind, holds_[call.my_hold]);
      }
    }
  }

  const std::vector<properties::Entry>& entries() const { return entries_; }

 private:
  properties::Entry begin(properties::Function f, const properties::Input& in,
                          const std::string& request_id) {
    properties::Entry entry;
    entry.process = process_;
    entry.f = f;
    entry.event_id = event_.value;
    entry.request_id = request_id;
    entry.in = in;
    entry.t_ns = entry.t_sched_ns = now_ns();
    entries_.push_back(entry);
    return entry;
  }

  // Calls, and records what came back: a reply, a refusal, or a failure that changed nothing.
  template <class Call, class OnReply>
  void record(properties::Entry entry, Call call, OnReply on_reply) {
    try {
      const auto result = call();
      entry.type = result ? properties::EntryType::ok : properties::EntryType::fail;
      entry.out.http = result ? 200 : 409;
      if (result)
        on_reply(entry, *result);
      else {
        entry.error = {std::string(to_string(result.error().code)), 409, ""};
        if (result.error().event) say(entry, *result.error().event);
      }
    } catch (const Failure& failure) {
      entry.type = failure.code() == FailureCode::commit_unknown ? properties::EntryType::info
                                                                 : properties::EntryType::fail;
      entry.error = {std::string(to_string(failure.code())), 503, ""};
    }
    entry.t_ns = now_ns();
    entries_.push_back(std::move(entry));
  }

  void reserve(std::int64_t quantity) {
    ReserveCommand command = commands_[next_++];
    command.quantity = quantity;
    record(
        begin(properties::Function::reserve, {command.user.value, quantity, 0}, command.request_id),
        [&] { return strategy_.reserve(*connection_, command); },
        [&](properties::Entry& entry, const ReserveReply& reply) {
          entry.out.http = reply.created ? 201 : 200;
          say(entry, reply.reservation);
          say(entry, reply.event);
          holds_.push_back(reply.reservation.id);
        });
  }

  void close(Kind kind, ReservationId id) {
    const UserId user = commands_.front().user;
    const bool cancel = kind == Kind::cancel;
    auto entry = begin(cancel ? properties::Function::cancel : properties::Function::purchase,
                       {user.value, 0, id.value}, "");
    if (cancel) {
      record(
          std::move(entry),
          [&] {
            return strategy_.cancel(*connection_, {id, user});
          },
          [](properties::Entry& e, const CancelReply& reply) {
            say(e, reply.reservation);
            say(e, reply.event);
          });
    } else {
      record(
          std::move(entry),
          [&] {
            return strategy_.purchase(*connection_, {id, user});
          },
          [](properties::Entry& e, const PurchaseReply& reply) { say(e, reply.reservation); });
    }
  }

  const Strategy& strategy_;
  std::unique_ptr<Connection> connection_;
  std::int64_t process_;
  EventId event_;
  std::vector<ReserveCommand> commands_;
  std::size_t next_ = 0;
  std::vector<ReservationId> holds_;
  std::vector<properties::Entry> entries_;
};

}  // namespace

class Concurrent : public StrategyTest {
 protected:
  properties::Verdict run_once(const Strategy& strategy, const Plan& plan) {
    const EventId event = add_event(plan.capacity);
    std::vector<Caller> callers;
    for (std::size_t i = 0; i < plan.threads.size(); ++i) {
      const UserId user = add_user();
      std::vector<ReserveCommand> commands;
      for (std::size_t k = 0; k <= plan.threads[i].size(); ++k) {
        commands.push_back(command(event, user, std::chrono::microseconds(k_hold_us)));
      }
      auto connection = connect({.attempts_max = 200});
      connection->odb();
      callers.emplace_back(strategy, std::move(connection), static_cast<std::int64_t>(i), event,
                           std::move(commands));
    }
    std::barrier start(static_cast<std::ptrdiff_t>(callers.size()));
    {
      std::vector<std::jthread> threads;
      for (std::size_t i = 0; i < callers.size(); ++i) {
        threads.emplace_back([&, i] {
          start.arrive_and_wait();
          callers[i].run(plan.threads[i]);
        });
      }
    }
    properties::History history;
    history.header.hold_us = k_hold_us;
    history.header.clock_slack_us = 2'000;
    history.header.events = {{event.value, plan.capacity, plan.capacity, 0}};
    for (const Caller& caller : callers)
      history.entries.insert(history.entries.end(), caller.entries().begin(),
                             caller.entries().end());
    std::ranges::stable_sort(history.entries, {}, &properties::Entry::t_ns);
    for (std::size_t i = 0; i < history.entries.size(); ++i)
      history.entries[i].index = static_cast<std::int64_t>(i);
    return properties::judge(history, harness::read_audit(sql_, "", {event.value}));
  }

  // The first violation that repeated runs of the plan meet; empty where none does.
  std::string violation_of(const Strategy& strategy, const Plan& plan) {
    for (int repeat = 0; repeat < k_repeats; ++repeat) {
      const properties::Verdict verdict = run_once(strategy, plan);
      if (!verdict.violations.empty())
        return verdict.violations.front().invariant + ": " + verdict.violations.front().message;
      if (verdict.outcome == properties::Outcome::violation) return "violation";
    }
    return "";
  }
};

INSTANTIATE_TEST_SUITE_P(Sound, Concurrent, ::testing::ValuesIn(sound_strategies()), name_of);

TEST_P(Concurrent, EveryPlanIsLegal) {
  setenv("RC_PARAMS", "max_success=25 max_size=60", 0);
  EXPECT_TRUE(rc::check("the oracle accepts what a sound strategy does", [this] {
    const Plan plan = *any_plan();
    RC_ASSERT(violation_of(*strategy_, plan) == "");
  }));
}

// The other way round, in code because RapidCheck has no "expect to fail": some plan must show the
// bug.
class BrokenStrategy : public Concurrent {};
std::vector<StrategyOn> once_a_product() {
  std::vector<StrategyOn> all;
  for (const std::string& product : products()) all.push_back({product, "pessimistic"});
  return all;
}
INSTANTIATE_TEST_SUITE_P(Control, BrokenStrategy, ::testing::ValuesIn(once_a_product()), name_of);

TEST_P(BrokenStrategy, NaiveIsCaughtByASmallPlan) {
  const auto naive = broken::make_naive();
  const Plan plan{12,
                  {{{}, {Kind::cancel, 1, 0}, {}}, {{}, {Kind::cancel, 1, 0}, {}}, {{}, {}, {}}}};
  std::string caught;
  for (int round = 0; round < 20 && caught.empty(); ++round) caught = violation_of(*naive, plan);
  EXPECT_NE("", caught) << "160 concurrent runs of a lost update raised no alarm";
}

TEST_P(BrokenStrategy, PurchaseAfterExpiryIsCaught) {
  const auto late = broken::make_purchase_after_expiry();
  const EventId event = add_event(3);
  const auto connection = connect();
  const ReserveCommand request = command(event, add_user(), 1us);
  const auto hold = late->reserve(*connection, request).value().reservation;
  ASSERT_TRUE(late->purchase(*connection, {hold.id, request.user}));
  properties::History history;
  history.header.events = {{event.value, 3, 3, 0}};
  const auto verdict = properties::judge(history, harness::read_audit(sql_, "", {event.value}));
  EXPECT_TRUE(
      std::ranges::any_of(verdict.violations, [](const auto& v) { return v.invariant == "D3"; }));
}

}  // namespace boxoffice::tests
