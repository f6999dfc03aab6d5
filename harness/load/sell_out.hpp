// When the tickets ran out: shared by all generator threads, without a lock.
//
// An event is sold out from the completion of the reserve that took its last ticket, or from the
// first `sold_out` reply, whichever came first. Only that first time counts: a cancel may bring
// tickets back.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <optional>
#include <vector>

#include "harness/load/clock.hpp"

namespace boxoffice::load {

class SellOut {
 public:
  explicit SellOut(std::size_t events) : seen_ns_(events), left_(events) {
    for (auto& seen : seen_ns_) seen = k_never_ns;
  }

  /// The event (its place in the plan) was without tickets at `t_ns`.
  void saw(std::size_t event, std::int64_t t_ns) {
    std::int64_t known = seen_ns_[event].load(std::memory_order_relaxed);
    if (known <= t_ns) return;
    const bool first = known == k_never_ns;
    while (t_ns < known && !seen_ns_[event].compare_exchange_weak(known, t_ns)) {
    }
    if (first && known == k_never_ns) --left_;  // only one thread replaces "never"
  }

  bool all() const { return left_.load(std::memory_order_relaxed) == 0 && !seen_ns_.empty(); }

  /// When the last event ran out; absent while one has not.
  std::optional<std::int64_t> finished_ns() const {
    if (!all()) return std::nullopt;
    std::int64_t latest = 0;
    for (const auto& seen : seen_ns_) latest = std::max(latest, seen.load());
    return latest;
  }

 private:
  std::vector<std::atomic<std::int64_t>> seen_ns_;
  std::atomic<std::size_t> left_;
};

}  // namespace boxoffice::load
