// Asks four times a second while all is well, ten times a second while it is not: a database that
// falls silent is found by the question that comes next, so its interval counts towards the outage.
#include "server/health.hpp"

#include <chrono>

#include "server/log.hpp"

namespace boxoffice::server {
namespace {

constexpr auto k_interval_well = std::chrono::milliseconds(250);
constexpr auto k_interval_unwell = std::chrono::milliseconds(100);
constexpr auto k_answer_max = std::chrono::seconds(2);

}  // namespace

void Health::start() {
  thread_ = std::thread([this] { watch(); });
}

void Health::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

bool Health::hangs() const {
  const auto since = asking_since_.load();
  return since != Clock::time_point::max() && Clock::now() - since > k_answer_max;
}

bool Health::well() const {
  return well_ && !hangs();
}

bool Health::away() const {
  return said_no_ || hangs();
}

void Health::doubt() {
  if (!well_.exchange(false)) return;
  const std::lock_guard lock(mutex_);
  doubted_ = true;
  wake_.notify_one();
}

/// What the question throws is no answer either; `why` is then what it says. A server that was
/// upgraded to a version that is not supported, say, is not to take this process down.
bool Health::ask_or_say(std::string& why) const {
  try {
    return ask_();
  } catch (const std::exception& error) {
    why = error.what();
    return false;
  }
}

void Health::watch() {
  bool was_well = true;
  std::string said;  // once, however often it is asked again
  std::unique_lock lock(mutex_);
  for (;;) {
    const std::chrono::milliseconds pause = was_well ? k_interval_well : k_interval_unwell;
    wake_.wait_for(lock, pause, [this] { return stopping_ || doubted_; });
    if (stopping_) return;
    doubted_ = false;
    lock.unlock();
    asking_since_ = Clock::now();
    std::string why;
    const bool now_well = ask_or_say(why);
    asking_since_ = Clock::time_point::max();
    said_no_ = !now_well;
    well_ = now_well;
    if (now_well != was_well || why != said) {
      log::write(log::Level::warn, now_well ? "Database is back" : "Database is away",
                 [&](JsonWriter& json) {
                   if (!why.empty()) json.field("what", why);
                 });
    }
    was_well = now_well;
    said = why;
    lock.lock();
  }
}

}  // namespace boxoffice::server
