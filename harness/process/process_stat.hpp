// Processes that need not be ours, as /proc shows them: whether they run, whose children they are.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace boxoffice::harness {

struct ProcessStat {
  char state = '?';  ///< as in proc(5): 'T' stopped, 'Z' ended and not yet waited for
  pid_t parent = 0;
  std::string start;  ///< since the machine's; ids are used again, but not with the same start
};

/// Nothing where there is no such process.
std::optional<ProcessStat> stat_of(pid_t pid);

/// The process and all that descend from it, itself first: PostgreSQL serves each session by a
/// process of its own, which leads a session and a group of its own.
std::vector<pid_t> family_of(pid_t pid);

}  // namespace boxoffice::harness
