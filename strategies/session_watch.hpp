// Bounds the waiting for a database that says nothing: a paused server goes on acknowledging what
// arrives, and a connection to a primary that failed over may lead nowhere, without an error.
//
// libpq waits without end, inside ODB's statements too. So every session notes when it began to
// wait, and one thread shuts the socket of whoever has waited for too long: its wait ends as with
// any other broken connection. That costs a statement two stores and no system call.
//
// Sessions that wait for nothing just now may lead nowhere as well: cut_all() is for when one that
// asked the simplest of questions got no answer.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <thread>

namespace boxoffice::strategies {

class WatchedSocket;

/// What is thought of a database by those who have no session.
enum class Belief {
  here,
  in_doubt,  ///< it said nothing; whether new connections work is being tried
  away,      ///< nobody but who probes it tries to connect
};

class SessionWatch {
 public:
  ~SessionWatch();

  /// Shuts every session's socket. Each is found broken at its next use, or in what it does.
  void cut_all();
  void believe(Belief belief);
  /// Waits a moment for an end of doubt.
  bool seems_away();

 private:
  friend class WatchedSocket;
  void add(WatchedSocket&);
  void remove(WatchedSocket&);
  void watch();

  std::atomic<Belief> belief_ = Belief::here;  // written under the lock
  std::mutex mutex_;
  std::condition_variable stop_, decided_;
  std::set<WatchedSocket*> sockets_;
  bool stopping_ = false;
  std::thread thread_;  // runs from the first session that has a bound
};

/// A session's socket, for the session's life.
class WatchedSocket {
 public:
  using Clock = std::chrono::steady_clock;

  /// Of a wait longer than `silence_max` the socket is shut; zero: of none.
  WatchedSocket(std::shared_ptr<SessionWatch> watch, int socket,
                std::chrono::milliseconds silence_max);
  ~WatchedSocket();
  WatchedSocket(const WatchedSocket&) = delete;
  WatchedSocket& operator=(const WatchedSocket&) = delete;

  /// The wait that ends with end_wait(), or with the next one's begin.
  void begin_wait() { since_.store(Clock::now(), std::memory_order_relaxed); }
  void end_wait() { since_.store(k_no_wait, std::memory_order_relaxed); }

  /// A wait as long as the scope.
  class Wait {
   public:
    explicit Wait(WatchedSocket& socket) : socket_(socket) { socket_.begin_wait(); }
    ~Wait() { socket_.end_wait(); }
    Wait(const Wait&) = delete;
    Wait& operator=(const Wait&) = delete;

   private:
    WatchedSocket& socket_;
  };

 private:
  friend class SessionWatch;
  static constexpr Clock::time_point k_no_wait = Clock::time_point::max();

  bool is_overdue(Clock::time_point now) const;
  void shut();

  const std::shared_ptr<SessionWatch> watch_;
  const int socket_;  // a duplicate: the library may close its own at any time
  const std::chrono::milliseconds silence_max_;
  std::atomic<Clock::time_point> since_ = k_no_wait;
};

}  // namespace boxoffice::strategies
