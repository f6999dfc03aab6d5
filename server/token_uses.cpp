// See token_uses.hpp.
#include "server/token_uses.hpp"

#include <algorithm>

#include "server/log.hpp"

namespace boxoffice::server {
namespace {

constexpr std::size_t k_batch = 1000;

}  // namespace

TokenUses::TokenUses(Duration interval, Write write, std::size_t most)
    : interval_(interval), write_(std::move(write)), most_(most) {}

void TokenUses::start() {
  if (interval_.count() > 0) thread_ = std::thread([this] { work(); });
}

void TokenUses::note(strategies::TokenId id) {
  if (interval_.count() == 0) return;
  const std::lock_guard lock(mutex_);
  if (used_.size() < most_) used_.insert(id.value);
}

void TokenUses::work() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    wake_.wait_for(lock, interval_, [this] { return stopping_; });
    lock.unlock();
    write_all();
    lock.lock();
  }
}

void TokenUses::write_all() {
  std::vector<strategies::TokenId> all;
  {
    const std::lock_guard lock(mutex_);
    for (const std::int64_t id : used_) all.push_back({id});
    used_.clear();
  }
  std::ranges::sort(all);  // one order of row locks in every instance
  try {
    for (std::size_t i = 0; i < all.size(); i += k_batch) {
      const auto first = all.begin() + static_cast<std::ptrdiff_t>(i);
      const auto count = static_cast<std::ptrdiff_t>(std::min(k_batch, all.size() - i));
      write_({first, first + count});
    }
  } catch (const std::exception& error) {
    log::write(log::Level::warn, "Uses of tokens not noted",
               [&](JsonWriter& json) { json.field("what", error.what()); });
  }
}

void TokenUses::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

}  // namespace boxoffice::server
