// `boxoffice` as a user types it, and what must be true after each of its ends: no process of its
// family, no directory, no port is left.
//
// Other programs of this machine use /dev/shm and /tmp too, so that "nothing is left" is asked of
// what this very run made: its process tree, the directories named on that tree's command lines,
// and a TMPDIR of its own.
#pragma once

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "tests/e2e/program.hpp"

namespace boxoffice::tests {

/// The processes below one, and the temporary directories that they were started with.
class Family {
 public:
  /// As of now; call it while they live. The process itself is not in it.
  explicit Family(pid_t parent);
  /// The first process with `part` in its command line; 0 where there is none.
  pid_t find(const std::string& part) const;
  /// `number` to each of them.
  void signal(int number) const;
  /// What is still there of it, a line each.
  std::string left() const;
  const std::set<std::filesystem::path>& directories() const { return directories_; }

 private:
  struct Member {
    pid_t pid;
    std::string started;  ///< with the id it names one process for good
    std::string command;
  };
  std::vector<Member> members_;
  std::set<std::filesystem::path> directories_;
};

class HarnessTest : public ::testing::Test {
 protected:
  /// `command` with a private database in memory, its runs in `runs()`.
  Program start(const std::string& command, const std::vector<std::string>& flags,
                const Environment& environment = {});
  Ran run(const std::string& command, const std::vector<std::string>& flags,
          const Environment& environment = {});
  std::filesystem::path runs() const { return workspace_.path() / "runs"; }
  /// The one run that was made; fails the test where there is not exactly one.
  std::filesystem::path only_run() const;
  /// Waits until a process below `harness` has `part` in its command line; its family then.
  Family family_with(Program& harness, const std::string& part);
  /// Nothing of `family`, nothing in TMPDIR; waits up to `bound`.
  void expect_nothing_left(const Family& family, std::chrono::milliseconds bound = 8s);
  void expect_empty_tmp();
  /// Exit code, and exactly one line on stderr that has `about` in it.
  void expect_one_line(const Ran& ran, int code, const std::string& about);

  Workspace workspace_;
};

/// The exit code, or 12 where the generator itself did not keep up, as it may not on a machine that
/// is busy with other tests: the verdict stands, but the figures are of no use.
void expect_code_or_saturated(const Ran& ran, int code);

boost::json::value json_of(const std::filesystem::path& file);
std::vector<std::filesystem::path> entries_of(const std::filesystem::path& directory);

}  // namespace boxoffice::tests
