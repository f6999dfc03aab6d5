// How often somebody may ask: a count for each key in a window that begins with its first request.
//
// The window is fixed, not sliding: "60 a minute" then means what X-RateLimit-Remaining says.
// Counts are kept in memory, an instance's own, in shards with a lock each; so that nobody can fill
// the memory with made-up keys, each shard is two maps of bounded size, and the older one is
// forgotten as a whole. Time comes from outside, so tests need no clock.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "server/executor.hpp"

namespace boxoffice::server {

struct Allowance {
  bool allowed = true;
  std::int64_t limit = 0;      ///< 0: there is none, and nothing to say
  std::int64_t remaining = 0;  ///< in this window, after this request
  std::int64_t retry_after_s = 0;
  Clock::time_point window_end = {};
};

class RateLimiter {
 public:
  /// `limit` requests in each `window`; 0: no limit.
  RateLimiter(std::int64_t limit, Clock::duration window, std::size_t keys_max = 200'000);

  /// Counts a request of this key, where it is allowed.
  Allowance take(std::string_view key, Clock::time_point now);
  /// As if it had not been taken, while that window (Allowance::window_end) is open.
  void give_back(std::string_view key, Clock::time_point window_end);
  /// Takes effect for windows that are open, too.
  void set_limit(std::int64_t limit) { limit_ = limit; }

 private:
  struct Window {
    Clock::time_point end;
    std::int64_t count = 0;
  };
  using Windows = std::unordered_map<std::string, Window>;
  struct Shard {
    std::mutex mutex;
    Windows young, old;
  };
  static constexpr std::size_t k_shards = 16;

  Window& window_of(Shard& shard, std::string_view key, Clock::time_point now);
  Shard& shard_of(std::string_view key);

  std::atomic<std::int64_t> limit_;
  const Clock::duration window_;
  const std::size_t generation_max_;
  std::array<Shard, k_shards> shards_;
};

}  // namespace boxoffice::server
