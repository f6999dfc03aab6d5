// A program under test, run as a user would: its own working directory and TMPDIR, stdout and
// stderr apart, so that a test can say "exactly one line on stderr" and "nothing left behind".
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "harness/process/keeper.hpp"
#include "harness/process/process.hpp"

namespace boxoffice::tests {

using namespace std::chrono_literals;

/// How a program ended and what it said. `code` is -1 where it had to be killed.
struct Ran {
  int code = -1;
  std::string out, err;
};

/// A directory for one test, gone at its end: `path()` to work in, `tmp()` as its TMPDIR. Other
/// users may enter it, for the private database runs as one.
class Workspace {
 public:
  Workspace();
  const std::filesystem::path& path() const { return directory_.path(); }
  std::filesystem::path tmp() const { return path() / "tmp"; }

 private:
  harness::TemporaryDirectory directory_;
};

/// Where it was built; an absolute path stays as it is.
std::filesystem::path built_program(const std::string& name);

using Environment = std::map<std::string, std::string>;

class Program {
 public:
  /// Starts `name` of the built programs (or an absolute path) with `arguments` in `workspace`.
  Program(const Workspace& workspace, const std::string& name,
          const std::vector<std::string>& arguments, const Environment& environment = {});

  pid_t pid() const { return process_.pid(); }
  harness::Process& process() { return process_; }
  /// To its process group, as a terminal's Ctrl-C is.
  void interrupt();
  /// Its end, at most `bound` from now; then it is killed.
  Ran wait(std::chrono::milliseconds bound = 60s);
  std::string out() const;
  std::string err() const;

 private:
  std::filesystem::path files_;
  harness::Process process_;
};

Ran run_program(const Workspace& workspace, const std::string& name,
                const std::vector<std::string>& arguments, const Environment& environment = {});

std::string text_of(const std::filesystem::path& file);
/// Without a newline at the end a last line counts too.
std::size_t count_lines(const std::string& text);

/// Polls until `holds()`; false after `bound`. For what another process does in its own time.
template <class Condition>
bool eventually(const Condition& holds, std::chrono::milliseconds bound = 10s);

bool pause_until(std::chrono::steady_clock::time_point give_up);

template <class Condition>
bool eventually(const Condition& holds, std::chrono::milliseconds bound) {
  const auto give_up = std::chrono::steady_clock::now() + bound;
  while (!holds()) {
    if (!pause_until(give_up)) return false;
  }
  return true;
}

}  // namespace boxoffice::tests
