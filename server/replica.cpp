// See replica.hpp.
#include "server/replica.hpp"

#include <algorithm>

#include "server/log.hpp"

namespace boxoffice::server {
namespace {

// With half a second between two looks a replica that follows is at most a second old.
constexpr Duration k_interval_max = std::chrono::milliseconds(500);
constexpr Duration k_interval_least = std::chrono::milliseconds(20);
// Half a minute of them; of what lies before, only the oldest is kept.
constexpr std::size_t k_marks_max = 64;

Duration interval_for(Duration lag_max) {
  return std::clamp(lag_max / 10, k_interval_least, k_interval_max);
}

}  // namespace

Replica::Replica(Look look, Duration lag_max, const ExecutorLimits& limits,
                 Executor::Connect connect)
    : look_(std::move(look)), lag_max_(lag_max), executor_(limits, std::move(connect)) {}

void Replica::start() {
  executor_.start([](strategies::Connection&) {});  // they connect when they are needed
  started_ = Clock::now();
  thread_ = std::thread([this] { watch(); });
}

void Replica::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
  executor_.stop();
}

std::optional<Clock::duration> Replica::lag(Clock::time_point now) const {
  const auto as_of = as_of_.load();
  if (as_of == Clock::time_point::min()) return std::nullopt;
  return now - as_of;
}

std::optional<Clock::time_point> Replica::usable_as_of(Clock::time_point now) const {
  const auto as_of = as_of_.load();
  const bool known = as_of != Clock::time_point::min();
  if (!known || !in_use_ || now - as_of > lag_max_) return std::nullopt;
  return as_of;
}

void Replica::lose(const std::string& why) {
  const std::lock_guard lock(mutex_);
  as_of_ = Clock::time_point::min();
  in_use_ = false;
  why_ = why;
}

void Replica::doubt(const std::string& why) {
  lose(why);
  const std::lock_guard lock(mutex_);
  doubted_ = true;
  wake_.notify_one();
}

/// Where the primary does not answer there is no new mark, and the replica grows old: nobody knows
/// what it lacks.
void Replica::mark_primary() {
  const auto now = Clock::now();  // before it is asked: what it had by then, the position covers
  try {
    std::string position = look_.position();
    if (position.empty()) return;  // it keeps no log
    if (marks_.size() >= k_marks_max) marks_.erase(marks_.begin() + 1);
    marks_.push_back({now, std::move(position)});
  } catch (const std::exception& error) {
    log::write(log::Level::debug, "Position of the primary is not known",
               [&](JsonWriter& json) { json.field("what", error.what()); });
  }
}

/// From the newest on, since one that a failover left behind may never be applied.
void Replica::find_newest_applied() {
  for (auto mark = marks_.end(); mark != marks_.begin();) {
    --mark;
    const auto follower = look_.follows(mark->position);
    if (follower == strategies::Follower::none) return lose("it replicates from nowhere");
    if (follower == strategies::Follower::behind) continue;
    as_of_ = mark->at;
    marks_.erase(marks_.begin(), mark + 1);
    break;
  }
  const auto lag = this->lag(Clock::now());
  const std::lock_guard lock(mutex_);
  why_.clear();
  if (lag && *lag <= lag_max_ / 2) in_use_ = true;
  if (!lag || *lag > lag_max_) in_use_ = false;
}

void Replica::look() {
  mark_primary();
  try {
    find_newest_applied();
  } catch (const std::exception& error) {
    lose(error.what());
  }
}

void Replica::watch() {
  const auto interval = interval_for(lag_max_);
  for (;;) {
    look();
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, interval, [this] { return stopping_ || doubted_; });
    if (stopping_) return;
    doubted_ = false;
  }
}

std::string Replica::why() const {
  const std::lock_guard lock(mutex_);
  return why_;
}

void Replica::say(bool usable, Clock::time_point now) {
  std::string why = this->why();
  if (!usable && why.empty()) why = "it is behind, or the primary does not say how far it is";
  log::write(usable ? log::Level::info : log::Level::warn,
             usable ? "Replica in use" : "Replica not in use", [&](JsonWriter& json) {
               if (const auto known = lag(now)) {
                 json.number("lag_s", std::chrono::duration<double>(*known).count());
               }
               if (!usable) json.field("what", why);
             });
}

void Replica::expire(Clock::time_point now) {
  const bool usable = usable_as_of(now).has_value();
  executor_.expire(usable ? now : Clock::time_point::max());
  if (said_ == usable) return;
  // At the start it may take two looks until the age is known: that is nothing to warn of.
  if (!said_ && !usable && why().empty() && now - started_ < lag_max_) return;
  said_ = usable;
  say(usable, now);
}

}  // namespace boxoffice::server
