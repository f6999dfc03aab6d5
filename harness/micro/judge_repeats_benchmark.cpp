// How long the oracle takes where all of a run happens to one reservation: it is found again and
// again, or its end is asked for again and again, answered and unanswered.
//
// Why: a load of reserves by few users writes such histories by itself (a user who holds a ticket
// is shown it), and a hostile server can. Ten times the replies must take ten times as long; a
// check that holds each reply against each other takes a hundred times.
#include <benchmark/benchmark.h>

#include <string>

#include "properties/verdict.hpp"

namespace boxoffice::properties {
namespace {

constexpr std::int64_t k_step_ns = 20'000;
constexpr std::int64_t k_user = 1;
constexpr std::int64_t k_reservation = 1;

/// A run of one event and one user, who holds one of its tickets from the first reply on.
class OneHold {
 public:
  OneHold() {
    Header& header = history_.header;
    header.run_id = "benchmark";
    header.hold_us = 3'600'000'000;
    header.events.push_back({1, k_tickets, k_tickets, 0});
    reserve(201);
  }

  void reserve(int http) {
    begin(Function::reserve);
    add(EntryType::ok,
        {http, ReservationStatus::reserved, k_reservation, k_user, 1, k_tickets - 1, 1, {}});
  }

  void cancel() {
    begin(Function::cancel);
    add(EntryType::ok,
        {200, ReservationStatus::cancelled, k_reservation, k_user, 1, k_tickets, 2, {}});
  }

  void refuse(Function f, const char* code) {
    begin(f);
    entry_.error = {code, 409, ""};
    add(EntryType::fail, {409, {}, {}, {}, {}, {}, {}, {}});
  }

  void unanswered(Function f) {
    begin(f);
    entry_.error = {"timeout", 0, "receive"};
    add(EntryType::info, {});
    ++entry_.process;
  }

  const History& history() const { return history_; }

 private:
  static constexpr std::int64_t k_tickets = 1'000;

  void begin(Function f) {
    entry_.f = f;
    entry_.event_id = 1;
    const bool reserve = f == Function::reserve;
    entry_.in = reserve ? Input{k_user, 1, 0} : Input{k_user, 0, k_reservation};
    entry_.request_id = reserve ? "0b8f0000-0000-4000-8000-200000000000" : "";
    entry_.error = {};
    add(EntryType::invoke, {});
  }

  void add(EntryType type, const Output& out) {
    entry_.type = type;
    entry_.out = out;
    entry_.t_ns += k_step_ns;
    if (type == EntryType::invoke) entry_.t_sched_ns = entry_.t_ns;
    history_.entries.push_back(entry_);
    ++entry_.index;
  }

  History history_;
  Entry entry_;
};

/// Without an audit: nobody's rows say that what was not answered did not happen.
void judge_all(benchmark::State& state, const OneHold& run) {
  for (auto _ : state) {
    const Verdict verdict = judge(run.history(), {});
    if (verdict.violations_total > 0) {
      state.SkipWithError(verdict.violations[0].message.c_str());
      break;
    }
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void judge_found_again(benchmark::State& state) {
  OneHold run;
  for (std::int64_t i = 0; i < state.range(0); ++i) run.reserve(200);
  judge_all(state, run);
}
BENCHMARK(judge_found_again)->Arg(20'000)->Arg(200'000)->Unit(benchmark::kMillisecond);

void judge_refused_again(benchmark::State& state) {
  OneHold run;
  run.cancel();
  for (std::int64_t i = 0; i < state.range(0) / 2; ++i) {
    run.unanswered(Function::purchase);
    run.refuse(Function::cancel, "not_cancellable");
  }
  judge_all(state, run);
}
BENCHMARK(judge_refused_again)->Arg(20'000)->Arg(200'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace boxoffice::properties
