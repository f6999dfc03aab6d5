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

Allowance RateLimiter::ask(std::string_view key, Clock::time_point now, bool count) {
  const std::int64_t limit = limit_;
  if (limit == 0) return {};
  Shard& shard = shards_[std::hash<std::string_view>()(key) % k_shards];
  const std::lock_guard lock(shard.mutex);
  Window& window = window_of(shard, key, now);
  const bool allowed = window.count < limit;
  if (allowed && count) ++window.count;
  const auto left = std::chrono::ceil<std::chrono::seconds>(window.end - now).count();
  return {allowed, limit, std::max<std::int64_t>(0, limit - window.count), left};
}

Allowance RateLimiter::take(std::string_view key, Clock::time_point now) {
  return ask(key, now, true);
}

Allowance RateLimiter::look(std::string_view key, Clock::time_point now) {
  return ask(key, now, false);
}

}  // namespace boxoffice::server
