// The keeper: what the harness started and made is gone when the harness is, whatever way it went.
//
// A small child process, forked before any thread exists, holds one end of a pipe. The harness
// tells it which process ids and directories are its own; when the pipe closes, because the harness
// ended, was killed or crashed, the keeper ends what is still on its list and removes the
// directories. It runs in its own session, so that Ctrl-C does not reach it. PR_SET_PDEATHSIG alone
// would end the processes but leave the directories behind.
#pragma once

#include <sys/types.h>

#include <filesystem>

namespace boxoffice::harness {

class Keeper {
 public:
  /// The process's one keeper; the first call forks it. Throws std::system_error.
  static Keeper& instance();

  void add_process(pid_t pid);
  void forget_process(pid_t pid);
  void add_directory(const std::filesystem::path& directory);
  void forget_directory(const std::filesystem::path& directory);

 private:
  Keeper();
  void tell(char verb, const std::string& what);
  int pipe_ = -1;
};

/// A new directory `boxoffice-<what>-XXXXXX` below `parent` that the keeper removes should we not.
class TemporaryDirectory {
 public:
  TemporaryDirectory(const std::filesystem::path& parent, const std::string& what);
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// $TMPDIR, or /tmp.
std::filesystem::path temporary_root();

}  // namespace boxoffice::harness
