// Whose a temporary directory is, written in it: what is left once a process and its keeper were
// both killed can then be told from what is in use.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>

namespace boxoffice::harness {

/// Writes into `directory` whose it is: this process, by more than its number. Nothing happens
/// where that cannot be written.
void sign(const std::filesystem::path& directory);

/// The process that signed `directory`, where it still runs. Nothing where the directory is neither
/// this user's nor root's: anybody may make one in /tmp and write another's process into it.
std::optional<pid_t> living_owner(const std::filesystem::path& directory);

/// Removes each boxoffice-<what>-XXXXXX below `parent` that a process signed which is gone: it and
/// its keeper were killed. What was signed on another machine, before a restart of this one or in
/// another container stays: nothing is known of who is there.
void remove_leftovers(const std::filesystem::path& parent, const std::string& what);

}  // namespace boxoffice::harness
