// The server as a process: its signals, its limit on files, the file that names its port, and how
// it ends where something hangs.
//
// SIGTERM, SIGINT and SIGHUP are blocked in all threads and waited for in one, so that nothing runs
// inside a signal handler.
#pragma once

#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdint>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

namespace boxoffice::server {

/// For the drain's last replies, for threads, for the log: longer is waited for none of them.
inline constexpr auto k_farewell = std::chrono::seconds(1);

/// Blocks the signals from its construction on; to be made before there are other threads.
class Signals {
 public:
  Signals();
  /// The signal that came within a tick (10 ms), or 0.
  int wait_a_tick() const;
  /// The signal that has come already, or 0.
  int take() const { return wait({}); }

 private:
  int wait(std::chrono::nanoseconds most) const;

  sigset_t set_;
};

/// Ends the process when its parent does; also where that has happened before this was asked for.
void follow_parent();

/// As many files as the system lets us have: each connection is one. Warns where that is too few.
void raise_file_limit(std::int64_t connections_max);

/// The port, for whoever started us with port 0. Whole or not at all; gone when we are.
class PortFile {
 public:
  /// Throws strategies::ConfigurationError where it cannot be written. An empty path: no file.
  PortFile(const std::string& path, std::uint16_t port);
  ~PortFile() { remove(); }
  PortFile(const PortFile&) = delete;
  PortFile& operator=(const PortFile&) = delete;
  void remove() const;

 private:
  std::string path_;
};

/// Ends the process if what it stands beside takes too long, or at a further signal: a thread may
/// hang in the database, or the log's in a pipe that nobody reads. It waits for neither itself.
class LastResort {
 public:
  LastResort(const Signals& signals, const PortFile& port_file);

 private:
  /// The signal that ended it, or 0.
  int wait(const std::stop_token& stop);
  [[noreturn]] void leave(int signal);

  const Signals& signals_;
  const PortFile& port_file_;
  std::mutex mutex_;
  std::condition_variable_any ended_;
  std::jthread thread_;
};

}  // namespace boxoffice::server
