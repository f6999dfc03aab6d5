// How often requests may sweep their own event: at most once in a while for each.
//
// Thousands of requests a second find a popular event sold out. Each of them sweeping it first
// would lock its row once more than the refusal costs, for holds that the last one just released.
#pragma once

#include <mutex>
#include <unordered_map>

#include "server/executor.hpp"
#include "strategies/types.hpp"

namespace boxoffice::server {

class ReleaseGate {
 public:
  static constexpr Clock::duration k_interval = std::chrono::milliseconds(50);
  static constexpr std::size_t k_events_max = 10'000;

  /// True for one caller an interval and event.
  bool try_enter(strategies::EventId event, Clock::time_point now) {
    const std::lock_guard lock(mutex_);
    const auto found = closed_until_.find(event.value);
    if (found != closed_until_.end() && now < found->second) return false;
    if (closed_until_.size() >= k_events_max) {
      std::erase_if(closed_until_, [now](const auto& entry) { return entry.second <= now; });
    }
    closed_until_[event.value] = now + k_interval;
    return true;
  }

 private:
  std::mutex mutex_;
  std::unordered_map<std::int64_t, Clock::time_point> closed_until_;
};

}  // namespace boxoffice::server
