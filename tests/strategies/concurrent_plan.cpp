#include "tests/strategies/concurrent_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>
#include <utility>

namespace boxoffice::tests {

namespace {

using Calls = std::vector<PlannedCall>;

PlannedCall any_call(bool lossy) {
  using enum CallKind;
  PlannedCall call;
  call.kind = *rc::gen::weightedElement<CallKind>(
      {{6, reserve}, {3, purchase}, {3, cancel}, {3, sweep}, {3, outlast}, {1, repeat}});
  if (call.kind == reserve) call.quantity = *rc::gen::inRange<std::int64_t>(1, 4);
  if (call.names_hold() || call.kind == repeat) call.number = *rc::gen::inRange<std::size_t>(0, 3);
  if (call.names_hold()) call.anyones = *rc::gen::weightedElement<bool>({{3, false}, {1, true}});
  if (call.may_lose_commit() && lossy) call.lost_commit = *rc::gen::element(false, true);
  return call;
}

Calls any_calls(std::size_t least, std::size_t most, bool lossy) {
  Calls calls(*rc::gen::inRange(least, most + 1));
  for (PlannedCall& call : calls) call = any_call(lossy);
  return calls;
}

void add_with_fewer_calls(const ConcurrentPlan& plan, std::vector<ConcurrentPlan>& smaller) {
  if (!plan.prefix.empty()) {
    smaller.push_back(plan);
    smaller.back().prefix.clear();
  }
  for (std::size_t t = 0; t < plan.threads.size() && plan.threads.size() > 1; ++t) {
    smaller.push_back(plan);
    smaller.back().threads.erase(smaller.back().threads.begin() + static_cast<std::ptrdiff_t>(t));
  }
  for (std::size_t k = 0; k < plan.prefix.size(); ++k) {
    smaller.push_back(plan);
    smaller.back().prefix.erase(smaller.back().prefix.begin() + static_cast<std::ptrdiff_t>(k));
  }
  for (std::size_t t = 0; t < plan.threads.size(); ++t) {
    for (std::size_t k = 0; k < plan.threads[t].size(); ++k) {
      smaller.push_back(plan);
      Calls& calls = smaller.back().threads[t];
      calls.erase(calls.begin() + static_cast<std::ptrdiff_t>(k));
    }
  }
}

void append(Calls& calls, const Calls& more) {
  calls.insert(calls.end(), more.begin(), more.end());
}

// The same calls by fewer: what took no concurrency is then seen to take none.
void add_with_fewer_threads(const ConcurrentPlan& plan, std::vector<ConcurrentPlan>& smaller) {
  if (!plan.prefix.empty()) {
    ConcurrentPlan& merged = smaller.emplace_back(plan);
    merged.threads.front() = plan.prefix;
    append(merged.threads.front(), plan.threads.front());
    merged.prefix.clear();
  }
  for (std::size_t t = 1; t < plan.threads.size(); ++t) {
    for (const bool first : {true, false}) {
      ConcurrentPlan& merged = smaller.emplace_back(plan);
      merged.threads.front() = plan.threads[first ? t : 0];
      append(merged.threads.front(), plan.threads[first ? 0 : t]);
      merged.threads.erase(merged.threads.begin() + static_cast<std::ptrdiff_t>(t));
    }
  }
}

// `call` is one of `plan`'s own; it is as it was when this returns.
void add_with_smaller_call(const ConcurrentPlan& plan, PlannedCall& call,
                           std::vector<ConcurrentPlan>& smaller) {
  const PlannedCall before = call;
  const auto add = [&] {
    smaller.push_back(plan);
    call = before;
  };
  if (std::exchange(call.lost_commit, false)) add();
  if (std::exchange(call.anyones, false)) add();
  if (call.quantity > 1) {
    call.quantity -= 1;
    add();
  }
  if (call.number > 0) {
    call.number -= 1;
    add();
  }
}

void add_with_smaller_numbers(ConcurrentPlan plan, std::vector<ConcurrentPlan>& smaller) {
  if (plan.servers > 1) {
    smaller.push_back(plan);
    smaller.back().servers = 1;
  }
  if (plan.hold > k_short_hold) {
    smaller.push_back(plan);
    smaller.back().hold = k_short_hold;
  }
  for (const std::int64_t capacity : {std::int64_t{1}, plan.capacity / 2, plan.capacity - 1}) {
    if (capacity < 1 || capacity >= plan.capacity) continue;
    smaller.push_back(plan);
    smaller.back().capacity = capacity;
  }
  for (PlannedCall& call : plan.prefix) add_with_smaller_call(plan, call, smaller);
  for (Calls& calls : plan.threads) {
    for (PlannedCall& call : calls) add_with_smaller_call(plan, call, smaller);
  }
}

void write_calls(std::ostream& out, const std::string& who, const Calls& calls) {
  out << fmt::format("\n  {:<10}", who);
  for (std::size_t k = 0; k < calls.size(); ++k) out << (k == 0 ? "" : ", ") << text_of(calls[k]);
  if (calls.empty()) out << "nothing";
}

}  // namespace

std::size_t ConcurrentPlan::calls() const {
  std::size_t count = prefix.size();
  for (const Calls& each : threads) count += each.size();
  return count;
}

bool ConcurrentPlan::loses_commits() const {
  const auto loses = [](const Calls& each) {
    return std::ranges::any_of(each, &PlannedCall::lost_commit);
  };
  return loses(prefix) || std::ranges::any_of(threads, loses);
}

rc::Gen<ConcurrentPlan> any_concurrent_plan() {
  return rc::gen::exec([] {
    ConcurrentPlan plan;
    plan.capacity = *rc::gen::inRange<std::int64_t>(1, k_plan_capacity_max + 1);
    plan.hold =
        *rc::gen::weightedElement<std::chrono::milliseconds>({{3, k_short_hold}, {1, k_long_hold}});
    plan.servers = *rc::gen::weightedElement<std::size_t>({{3, 1}, {1, k_plan_servers_max}});
    const bool lossy = *rc::gen::weightedElement<bool>({{7, false}, {1, true}});
    plan.prefix = any_calls(0, 2, lossy);
    const auto threads = *rc::gen::inRange<std::size_t>(2, 5);
    const std::size_t most = (k_plan_calls_max - plan.prefix.size()) / threads;
    for (std::size_t t = 0; t < threads; ++t) plan.threads.push_back(any_calls(1, most, lossy));
    return plan;
  });
}

std::vector<ConcurrentPlan> smaller_plans(const ConcurrentPlan& plan) {
  std::vector<ConcurrentPlan> smaller;
  add_with_fewer_calls(plan, smaller);
  add_with_fewer_threads(plan, smaller);
  add_with_smaller_numbers(plan, smaller);
  return smaller;
}

std::string text_of(const PlannedCall& call) {
  const auto with_hold = [&](const char* what) {
    return fmt::format("{} {} hold {}", what, call.anyones ? "anyone's" : "my", call.number + 1);
  };
  const auto text = [&]() -> std::string {
    switch (call.kind) {
      case CallKind::reserve:
        return fmt::format("reserve {}", call.quantity);
      case CallKind::purchase:
        return with_hold("purchase");
      case CallKind::cancel:
        return with_hold("cancel");
      case CallKind::sweep:
        return "sweep";
      case CallKind::outlast:
        return "outlast all holds";
      case CallKind::repeat:
        return fmt::format("repeat my reserve {}", call.number + 1);
    }
    throw std::logic_error("a call that does not exist");
  };
  return text() + (call.lost_commit ? " (COMMIT's answer is lost)" : "");
}

std::ostream& operator<<(std::ostream& out, const ConcurrentPlan& plan) {
  out << "  " << plan.capacity << (plan.capacity == 1 ? " ticket" : " tickets");
  if (plan.servers > 1) out << fmt::format(", {} servers", plan.servers);
  if (plan.hold != k_short_hold) out << fmt::format(", holds of {} ms", plan.hold.count());
  if (!plan.prefix.empty()) write_calls(out, "first 1", plan.prefix);
  for (std::size_t t = 0; t < plan.threads.size(); ++t)
    write_calls(out, fmt::format("thread {}", t + 1), plan.threads[t]);
  return out;
}

}  // namespace boxoffice::tests
