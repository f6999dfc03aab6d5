// See lock_watch.hpp.
#include "server/lock_watch.hpp"

#include <algorithm>

#include "server/log.hpp"

namespace boxoffice::server {
namespace {

constexpr auto k_interval = std::chrono::seconds(1);
constexpr std::size_t k_looks_kept = 15;

}  // namespace

void LockWatch::start() {
  if (look_) thread_ = std::thread([this] { watch(); });
}

void LockWatch::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

std::optional<strategies::LockWaits> LockWatch::recent() const {
  const std::lock_guard lock(mutex_);
  auto recent = last_;
  if (recent && !longest_.empty()) recent->longest = std::ranges::max(longest_);
  return recent;
}

void LockWatch::look() {
  std::optional<strategies::LockWaits> waits;
  try {
    waits = look_();
  } catch (const std::exception& error) {
    log::write(log::Level::debug, "Lock waits are not known",
               [&](JsonWriter& json) { json.field("what", error.what()); });
  }
  keep(waits);
}

void LockWatch::keep(const std::optional<strategies::LockWaits>& waits) {
  const std::lock_guard lock(mutex_);
  last_ = waits;
  if (!waits) {
    longest_.clear();
  } else if (waits->longest) {
    longest_.push_back(*waits->longest);
    if (longest_.size() > k_looks_kept) longest_.pop_front();
  }
}

void LockWatch::watch() {
  for (;;) {
    look();
    std::unique_lock lock(mutex_);
    if (wake_.wait_for(lock, k_interval, [this] { return stopping_; })) return;
  }
}

}  // namespace boxoffice::server
