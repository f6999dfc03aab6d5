// Looks once a second how long transactions wait for locks, on a thread and a connection of its
// own, and keeps what it saw for /metrics.
//
// A scrape comes every quarter of a minute or so and must not wait for the database. The longest
// wait is that of the last 15 looks, so that what happened between two scrapes is not lost; a wait
// that began and ended between two looks is not seen.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "strategies/lock_waits.hpp"

namespace boxoffice::server {

class LockWatch {
 public:
  using Look = std::function<strategies::LockWaits()>;

  /// Without a `look` there is nothing to see.
  explicit LockWatch(Look look) : look_(std::move(look)) {}
  ~LockWatch() { stop(); }

  void start();
  void stop();
  /// Nothing where the last look failed, or none has been.
  std::optional<strategies::LockWaits> recent() const;
  /// Looks now. Called by the thread, and by tests in its place.
  void look();

 private:
  void watch();
  void keep(const std::optional<strategies::LockWaits>& waits);

  const Look look_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::optional<strategies::LockWaits> last_;
  std::deque<std::chrono::microseconds> longest_;
  std::thread thread_;
};

}  // namespace boxoffice::server
