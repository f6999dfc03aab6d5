// A TCP proxy between the server and its database, on loopback, that can hold back, delay or reset
// what passes through it. The kernel's own means (tc netem) are not in every kernel and need root.
//
// One thread, one poll loop. While it does nothing special it adds one hop and no delay of its own.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <thread>

#include "harness/faults/commit_message.hpp"

namespace boxoffice::harness {

class Proxy {
 public:
  /// Listens on 127.0.0.1, a port that the kernel chooses; connects to 127.0.0.1:`upstream` for
  /// each connection that it gets. Throws std::system_error.
  explicit Proxy(int upstream);
  ~Proxy();
  Proxy(const Proxy&) = delete;
  Proxy& operator=(const Proxy&) = delete;

  int port() const { return port_; }

  /// Nothing passes, in no direction, until it is called with false; connections stay open.
  void partition(bool on);
  /// What comes from now on is passed on this much later; zero: at once.
  void delay(std::chrono::milliseconds by);
  /// Resets all connections that there are now. Returns how many.
  std::int64_t reset_all();
  /// While it is on, a connection is reset where the database has just carried out a COMMIT, before
  /// the answer is passed on: it happened, and the client cannot know.
  void lose_commits(bool on, Wire wire);

  /// New connections go to this port from now on; those that there are stay where they are.
  void turn_to(int upstream) { upstream_ = upstream; }

  std::int64_t connections() const { return connections_; }
  /// Bytes that waited because of partition() or delay(), so far.
  std::int64_t bytes_held_back() const { return held_back_; }
  /// COMMITs whose answer was lost because of lose_commits(), so far.
  std::int64_t commits_lost() const { return commits_lost_; }

 private:
  struct Loop;
  void wake();

  int port_ = 0;
  std::atomic<int> upstream_ = 0;
  std::atomic<bool> partitioned_ = false;
  std::atomic<std::int64_t> delay_ms_ = 0;
  std::atomic<std::int64_t> resets_wanted_ = 0;
  std::atomic<std::int64_t> resets_done_ = 0;
  std::atomic<std::int64_t> reset_connections_ = 0;
  std::atomic<std::int64_t> connections_ = 0;
  std::atomic<std::int64_t> held_back_ = 0;
  std::atomic<bool> losing_commits_ = false;
  std::atomic<Wire> wire_ = Wire::postgresql;
  std::atomic<std::int64_t> commits_lost_ = 0;
  std::atomic<bool> stopping_ = false;
  int wake_fd_ = -1;
  std::unique_ptr<Loop> loop_;
  std::thread thread_;
};

}  // namespace boxoffice::harness
