// See rate_limiter.hpp.
#include "server/rate_limiter.hpp"

#include <algorithm>
#include <functional>

namespace boxoffice::server {

RateLimiter::RateLimiter(std::int64_t limit, Clock::duration window, std::size_t keys_max)
    : limit_(limit),
      window_(window),
      generation_max_(std::max<std::size_t>(1, keys_max / k_shards / 2)) {}

RateLimiter::Window& RateLimiter::window_of(Shard& shard, std::string_view key,
                                            Clock::time_point now) {
  const std::string name(key);
  auto found = shard.young.find(name);
  if (found == shard.young.end()) {
    if (shard.young.size() >= generation_max_) {
      shard.old = std::move(shard.young);
      shard.young.clear();
    }
    const auto before = shard.old.find(name);
    found = shard.young.emplace(name, before == shard.old.end() ? Window{} : before->second).first;
  }
  Window& window = found->second;
  if (window.count == 0 || window.end <= now) window = {now + window_, 0};
  return window;
}

RateLimiter::Shard& RateLimiter::shard_of(std::string_view key) {
  return shards_[std::hash<std::string_view>()(key) % k_shards];
}

Allowance RateLimiter::take(std::string_view key, Clock::time_point now) {
  const std::int64_t limit = limit_;
  if (limit == 0) return {};
  Shard& shard = shard_of(key);
  const std::lock_guard lock(shard.mutex);
  Window& window = window_of(shard, key, now);
  const bool allowed = window.count < limit;
  if (allowed) ++window.count;
  const auto left = std::chrono::ceil<std::chrono::seconds>(window.end - now).count();
  return {allowed, limit, std::max<std::int64_t>(0, limit - window.count), left, window.end};
}

void RateLimiter::give_back(std::string_view key, Clock::time_point window_end) {
  Shard& shard = shard_of(key);
  const std::lock_guard lock(shard.mutex);
  for (Windows* windows : {&shard.young, &shard.old}) {  // of two the young one counts
    const auto found = windows->find(std::string(key));
    if (found == windows->end()) continue;
    Window& window = found->second;
    if (window.end == window_end && window.count > 0) --window.count;
    return;
  }
}

}  // namespace boxoffice::server
