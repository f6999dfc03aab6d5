// Is the database there? Asked in the background, so that /readyz answers without waiting.
//
// A probe that had to queue behind the load would call a busy server broken, and a balancer would
// take it away when it is needed most. No answer within seconds counts as a no: a database that
// hangs does not say so.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "server/executor.hpp"

namespace boxoffice::server {

class Health {
 public:
  /// `ask` is true where the database answers; called on the thread that this owns. What it throws
  /// is a no, and logged.
  explicit Health(std::function<bool()> ask) : ask_(std::move(ask)) {}
  ~Health() { stop(); }

  /// Begins well: the server connects before it starts.
  void start();
  void stop();
  bool well() const;
  /// The last answer was a no, or there is none for seconds: nothing is to be had of it. Unlike
  /// well() it is not swayed by a doubt.
  bool away() const;
  /// A request met a database that was away: unwell until the next answer, which is asked for now.
  void doubt();

 private:
  void watch();
  bool ask_or_say(std::string& why) const;
  bool hangs() const;

  const std::function<bool()> ask_;
  std::atomic<bool> well_ = true;
  std::atomic<bool> said_no_ = false;
  std::atomic<Clock::time_point> asking_since_{Clock::time_point::max()};
  std::mutex mutex_;
  std::condition_variable wake_;
  bool doubted_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace boxoffice::server
