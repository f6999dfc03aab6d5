// How long the oracle takes: writing and reading a history, judging it, from a thousand operations
// to a million.
//
// The history is a correct run of 64 clients: half the operations change one of the events, the
// others read, find their own hold, or are told "sold out"; a few get no reply. One event is the
// worst case, since all of its operations are in one order. `peak_MiB` is the process's largest
// size while it judges, the history and the audit included.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdio>
#include <deque>
#include <fstream>
#include <random>
#include <string>
#include <utility>

#include "properties/history_json.hpp"
#include "properties/memory.hpp"
#include "properties/operations.hpp"
#include "properties/order.hpp"
#include "properties/run.hpp"
#include "properties/verdict.hpp"

namespace boxoffice::properties {
namespace {

constexpr std::int64_t k_step_ns = 20'000;
constexpr std::int64_t k_clients = 64;
constexpr std::int64_t k_tickets = 1'000'000'000;

struct Recorded {
  History history;
  Audit audit;
};

/// Writes a run: operation i takes effect at i steps, somewhere within its interval.
class RunWriter {
 public:
  explicit RunWriter(std::int64_t events) : held_(static_cast<std::size_t>(events)) {
    Header& header = recorded_.history.header;
    header.run_id = "benchmark";
    header.hold_us = 3'600'000'000;
    for (std::int64_t id = 1; id <= events; ++id) {
      header.events.push_back({id, k_tickets, k_tickets, 0});
      recorded_.audit.events.push_back({id, k_tickets, k_tickets, 0, {}, {}});
    }
  }

  Recorded write(std::int64_t operations) {
    recorded_.history.entries.reserve(static_cast<std::size_t>(2 * operations));
    recorded_.audit.reservations.reserve(static_cast<std::size_t>(operations / 2));
    for (std::int64_t i = 0; i < operations; ++i) {
      event_ = &recorded_.audit.events[random_() % recorded_.audit.events.size()];
      step(i);
    }
    auto& entries = recorded_.history.entries;
    // In place: a buffer for sorting would be the benchmark's largest moment.
    std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
      return std::pair(a.t_ns, a.index) < std::pair(b.t_ns, b.index);
    });
    for (std::size_t i = 0; i < entries.size(); ++i) {
      entries[i].index = static_cast<std::int64_t>(i);
    }
    return std::move(recorded_);
  }

 private:
  void step(std::int64_t i) {
    Entry entry;
    entry.event_id = event_->event_id;
    entry.process = i % k_clients + (i % 997 == 0 ? 1'000'000 + i : 0);
    entry.in.user_id = i;
    Output out;
    out.http = 200;
    auto& held = held_[static_cast<std::size_t>(event_->event_id - 1)];
    const auto kind = random_() % 100;
    if (kind < 35 || held.empty()) {
      reserve(i, entry, out);
    } else if (kind < 50) {
      close(entry, out, held.front(), ReservationStatus::cancelled);
      held.pop_front();
    } else if (kind < 65) {
      close(entry, out, held.front(), ReservationStatus::purchased);
      held.pop_front();
    } else if (kind < 70) {
      entry.f = Function::reserve;
      const AuditedReservation& row = recorded_.audit.reservations[held.back()];
      entry.in.user_id = row.user_id;
      out.reservation_id = row.reservation_id;
      out.status = ReservationStatus::reserved;
    }
    if (entry.f != Function::purchase) {
      out.available = event_->available_tickets;
      out.version = event_->version;
    }
    record(i, entry, out);
  }

  void reserve(std::int64_t i, Entry& entry, Output& out) {
    entry.f = Function::reserve;
    entry.in.quantity = 1;
    entry.request_id = "0b8f0000-0000-4000-8000-" + std::to_string(100'000'000'000 + i);
    event_->available_tickets -= 1;
    event_->version += 1;
    AuditedReservation row;
    row.reservation_id = i + 1;
    row.event_id = event_->event_id;
    row.user_id = i;
    row.quantity = 1;
    row.request_id = entry.request_id;
    row.event_version = event_->version;
    held_[static_cast<std::size_t>(event_->event_id - 1)].push_back(
        recorded_.audit.reservations.size());
    recorded_.audit.reservations.push_back(row);
    out.http = 201;
    out.reservation_id = i + 1;
    out.quantity = 1;
    out.status = ReservationStatus::reserved;
  }

  void close(Entry& entry, Output& out, std::size_t position, ReservationStatus status) {
    AuditedReservation& row = recorded_.audit.reservations[position];
    const bool cancel = status == ReservationStatus::cancelled;
    entry.f = cancel ? Function::cancel : Function::purchase;
    entry.in.user_id = row.user_id;
    entry.in.reservation_id = row.reservation_id;
    row.status = status;
    if (cancel) {
      event_->available_tickets += row.quantity;
      row.closed_event_version = ++event_->version;
      out.quantity = row.quantity;
    } else {
      row.purchased_us = -1;
    }
    out.reservation_id = row.reservation_id;
    out.status = status;
  }

  void record(std::int64_t i, Entry& entry, const Output& out) {
    const std::int64_t point_ns = (i + k_clients) * k_step_ns;
    const auto jitter = [&] {
      return static_cast<std::int64_t>(random_() % (k_step_ns * (k_clients / 2 - 1)));
    };
    entry.t_ns = entry.t_sched_ns = point_ns - 1 - jitter();
    entry.index = 2 * i;
    recorded_.history.entries.push_back(entry);
    entry.index = 2 * i + 1;
    entry.t_ns = point_ns + 1 + jitter();
    entry.type = i % 997 == 0 ? EntryType::info : EntryType::ok;
    if (entry.type == EntryType::ok) entry.out = out;
    recorded_.history.entries.push_back(entry);
  }

  Recorded recorded_;
  std::mt19937_64 random_{1};
  AuditedEvent* event_ = nullptr;
  std::vector<std::deque<std::size_t>> held_;  // by event: positions of the rows that are open
};

double peak_mib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::stod(line.substr(6)) / 1024;
  }
  return 0;
}

/// Before the judging: the process's largest size counts from here on.
void forget_peak() {
  if (std::FILE* file = std::fopen("/proc/self/clear_refs", "w")) {
    std::fputs("5", file);
    std::fclose(file);
  }
}

void judge_run(benchmark::State& state) {
  Recorded run = RunWriter(state.range(1)).write(state.range(0));
  const std::optional<Audit> audit = std::move(run.audit);
  forget_peak();
  for (auto _ : state) {
    const Verdict verdict = judge(run.history, audit);
    if (verdict.outcome != Outcome::pass) {
      state.SkipWithError(verdict.violations.empty() ? "no pass"
                                                     : verdict.violations[0].message.c_str());
      break;
    }
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.counters["peak_MiB"] = peak_mib();
}
BENCHMARK(judge_run)
    ->ArgNames({"operations", "events"})
    ->ArgsProduct({{1'000, 10'000, 100'000, 1'000'000}, {1, 100}})
    ->Unit(benchmark::kMillisecond);

/// Of that the version witness alone: the history paired and joined, and its one order checked.
void witness(benchmark::State& state) {
  Recorded run = RunWriter(state.range(1)).write(state.range(0));
  for (auto _ : state) {
    const Run joined =
        join(run.history, &run.audit, std::move(pair_entries(run.history).operations));
    const Judged judged = check_order(joined, {});
    const Check& check = judged.findings.at(0).check();
    if (check.invariant != "H5" || check.outcome != Outcome::pass) {
      state.SkipWithError("H5 has not passed");
      break;
    }
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(witness)
    ->ArgNames({"operations", "events"})
    ->ArgsProduct({{1'000'000}, {1, 100}})
    ->Unit(benchmark::kMillisecond);

void write_history(benchmark::State& state) {
  const Recorded run = RunWriter(1).write(state.range(0));
  std::string text;
  for (auto _ : state) {
    text.clear();
    for (const Entry& entry : run.history.entries) append_line(text, entry);
    benchmark::DoNotOptimize(text.data());
  }
  state.SetItemsProcessed(state.iterations() * 2 * state.range(0));
}
BENCHMARK(write_history)->Arg(1'000)->Arg(100'000)->Unit(benchmark::kMillisecond);

void read_stored_history(benchmark::State& state) {
  const Recorded run = RunWriter(1).write(state.range(0));
  std::string text;
  append_line(text, run.history.header);
  for (const Entry& entry : run.history.entries) append_line(text, entry);
  for (auto _ : state) {
    auto read = read_history(text);
    if (!read) {
      state.SkipWithError(read.error().message.c_str());
      break;
    }
    benchmark::DoNotOptimize(read->history.entries.data());
  }
  state.SetItemsProcessed(state.iterations() * 2 * state.range(0));
}
BENCHMARK(read_stored_history)
    ->Arg(1'000)
    ->Arg(100'000)
    ->Arg(500'000)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace boxoffice::properties

int main(int argc, char** argv) {
  boxoffice::properties::keep_freed_memory();  // as the program does
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 64;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
