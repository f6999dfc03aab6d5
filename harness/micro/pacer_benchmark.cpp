// What deciding "who sends next, and when" costs a request, with few and with many connections.
#include "harness/load/pacer.hpp"

#include <benchmark/benchmark.h>

#include <limits>

namespace boxoffice::load {
namespace {

constexpr std::int64_t k_end_ns = std::numeric_limits<std::int64_t>::max();

/// One request at a time: taken, answered, given back.
void closed_loop(benchmark::State& state) {
  Pacer pacer({.connections = static_cast<std::size_t>(state.range(0))});
  pacer.begin(0, k_end_ns);
  std::int64_t now = 0;
  for (auto _ : state) {
    auto start = pacer.take(++now);
    benchmark::DoNotOptimize(start);
    pacer.give_back(start->connection, now);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(closed_loop)->ArgName("connections")->Arg(64)->Arg(10'000);

void open_loop(benchmark::State& state) {
  Pacer pacer({.connections = static_cast<std::size_t>(state.range(0)), .rate_per_s = 1e6});
  pacer.begin(0, k_end_ns);
  for (auto _ : state) {
    const std::int64_t due = pacer.next_ns();
    auto start = pacer.take(due);
    benchmark::DoNotOptimize(start);
    pacer.give_back(start->connection, due);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(open_loop)->ArgName("connections")->Arg(64)->Arg(10'000);

}  // namespace
}  // namespace boxoffice::load
