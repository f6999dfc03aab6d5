// What the hot path counts with: relaxed atomics, no lock, no allocation, nothing to look up.
//
// prometheus-cpp's own Histogram takes a mutex for each observation, which at tens of thousands of
// requests a second would be the one lock that all threads share. So the parts of the server count
// here, and exposition.cpp reads these cells when somebody asks. A reading is not one moment's: its
// sums may be a few observations apart, which no rate over seconds can see.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>

namespace boxoffice::server {

class Counter {
 public:
  void add(std::int64_t count = 1) { value_.fetch_add(count, std::memory_order_relaxed); }
  std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_ = 0;
};

/// Times, in buckets with fixed bounds. 200 ms and 500 ms are among them since alerts ask about
/// exactly these, and a quantile is only as sharp as the bucket that it falls into.
class LatencyHistogram {
 public:
  using Nanoseconds = std::chrono::nanoseconds;
  /// The upper bounds, inclusive; a last bucket without one follows.
  static constexpr std::array<double, 18> k_bounds_s{0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005,
                                                     0.01,   0.02,   0.05,   0.1,   0.2,   0.3,
                                                     0.5,    1,      2,      3,     5,     10};
  using Buckets = std::array<std::int64_t, k_bounds_s.size() + 1>;

  void observe(Nanoseconds time) {
    const double seconds = std::chrono::duration<double>(time).count();
    std::size_t bucket = 0;
    while (bucket < k_bounds_s.size() && seconds > k_bounds_s[bucket]) ++bucket;
    buckets_[bucket].add();
    sum_ns_.add(time.count());
  }
  /// How many fell into each bucket, not cumulative.
  Buckets buckets() const {
    Buckets counts{};
    for (std::size_t i = 0; i < counts.size(); ++i) counts[i] = buckets_[i].value();
    return counts;
  }
  double sum_s() const { return static_cast<double>(sum_ns_.value()) / 1e9; }

 private:
  std::array<Counter, k_bounds_s.size() + 1> buckets_;
  Counter sum_ns_;
};

}  // namespace boxoffice::server
