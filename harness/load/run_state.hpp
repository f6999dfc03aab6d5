// What the threads of one run share: when to stop, when the measured window is, which numbers are
// taken. Everything else belongs to one thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "harness/load/clock.hpp"
#include "harness/load/plan.hpp"
#include "harness/load/recorder.hpp"
#include "harness/load/sell_out.hpp"

namespace boxoffice::load {

struct RunState {
  explicit RunState(const LoadPlan& plan)
      : recorder(plan.history_path),
        sell_out(plan.events.size()),
        next_process(static_cast<std::int64_t>(plan.connections)),
        present(plan.connections) {}

  Recorder recorder;
  SellOut sell_out;
  std::atomic<std::int64_t> next_process;
  std::atomic<std::size_t> present;          ///< connections whose users have not all left
  std::atomic<std::uint64_t> operations{0};  ///< taken from the budget so far
  std::atomic<bool> budget_spent{false};
  std::atomic<bool> stopped{false};    ///< no new operations
  std::atomic<bool> hurried{false};    ///< nor a long wait for those in flight
  std::atomic<std::int64_t> t0_ns{0};  ///< start of the measured window; 0 before it
  std::atomic<std::int64_t> window_end_ns{k_never_ns};
  std::atomic<std::int64_t> first_reserve_ns{k_never_ns};

  /// Ends the measured window now, if it has not ended before, and the sending of anything new.
  void stop_at(std::int64_t t_ns) {
    lower_to(window_end_ns, t_ns);
    stopped = true;
  }

  /// The users of one more connection are gone; with the last of them the run ends.
  void left(std::int64_t t_ns) {
    if (--present == 0) stop_at(t_ns);
  }

  static void lower_to(std::atomic<std::int64_t>& value, std::int64_t candidate) {
    std::int64_t known = value.load(std::memory_order_relaxed);
    while (candidate < known && !value.compare_exchange_weak(known, candidate)) {
    }
  }
};

}  // namespace boxoffice::load
