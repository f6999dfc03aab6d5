// A child process of the harness: started, waited for with a bound, ended. Never through a shell.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace boxoffice::harness {

struct Command {
  std::vector<std::string>
      argv;  ///< argv[0] is the program's path, or a name to be found on the PATH
  std::filesystem::path output;  ///< stdout and stderr go there (appended); empty: /dev/null
  std::filesystem::path directory;
  std::string user;                                              ///< drop to this user; empty: stay
  std::vector<std::pair<std::string, std::string>> environment;  ///< added to ours, or instead
  int death_signal = 9;  ///< what it gets when the harness dies (SIGKILL unless it must clean up)
};

/// How a process ended: exit code, or 128 + signal as shells say it.
using ExitCode = int;

class Process {
 public:
  /// Throws std::system_error where it cannot be started (a missing program included).
  explicit Process(const Command& command);
  /// Ends it with SIGKILL where it still runs.
  ~Process();
  Process(Process&& other) noexcept;
  Process& operator=(Process&&) = delete;

  pid_t pid() const { return pid_; }
  /// Waits up to `bound`; nothing where it still runs.
  std::optional<ExitCode> wait_for(std::chrono::milliseconds bound);
  bool running() { return !wait_for(std::chrono::milliseconds(0)); }
  void signal(int number);
  /// Sends `number`, waits up to `bound`, then SIGKILL.
  ExitCode end(int number, std::chrono::milliseconds bound);

 private:
  pid_t pid_ = -1;
  int pidfd_ = -1;
  std::optional<ExitCode> ended_;
};

/// Runs a command to its end. Throws std::runtime_error with the last lines of its output where it
/// fails or outlives `bound`; `what` says in the message what was being tried.
void run_command(const Command& command, std::chrono::milliseconds bound, const std::string& what);

/// The last `lines` lines of a file, for messages; empty where it cannot be read.
std::string tail_of(const std::filesystem::path& file, std::size_t lines);

}  // namespace boxoffice::harness
