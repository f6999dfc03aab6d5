// What counting one duration costs the generator, and what reading a percentile costs a report.
// A request is counted nine times at most; at 50,000 requests a second 10 ns each are half a
// percent of a core.
#include "harness/load/histogram.hpp"

#include <benchmark/benchmark.h>

#include <vector>

#include "harness/load/seeded.hpp"

namespace boxoffice::load {
namespace {

/// Durations of 0.1 to 10 ms, as a server under load has them.
std::vector<std::int64_t> durations() {
  std::vector<std::int64_t> values;
  for (std::uint64_t i = 0; i < 4096; ++i) {
    values.push_back(100'000 + static_cast<std::int64_t>(Seeded(1, 0, i).next_below(9'900'000)));
  }
  return values;
}

void record(benchmark::State& state) {
  const std::vector<std::int64_t> values = durations();
  Histogram histogram(static_cast<int>(state.range(0)));
  std::size_t next = 0;
  for (auto _ : state) {
    histogram.record(values[next]);
    next = (next + 1) % values.size();
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(record)->ArgName("precision_bits")->Arg(5)->Arg(10);

void merge(benchmark::State& state) {
  Histogram part;
  for (const std::int64_t value : durations()) part.record(value);
  Histogram all;
  for (auto _ : state) all.merge(part);
}
BENCHMARK(merge);

void percentile(benchmark::State& state) {
  Histogram histogram;
  for (const std::int64_t value : durations()) histogram.record(value);
  for (auto _ : state) benchmark::DoNotOptimize(histogram.percentile_ns(99));
}
BENCHMARK(percentile);

}  // namespace
}  // namespace boxoffice::load
