// The commands that lead on from a stored run, quoted so that a POSIX shell takes them as they are.
//
// A run that drew its own seed is repeated with the seed that it drew, and what came from its
// environment is typed. Where the harness knows a shorter way to the failure (`verify` ends with
// one trial), the manifest has it, and it goes first.
#pragma once

#include <string>

#include "reports/run_directory.hpp"

namespace boxoffice::reports {

/// Quoted where that is needed.
std::string shell_word(const std::string& word);

/// Runs the whole again, seed included; empty where the manifest has no argv.
std::string repeat_command(const Manifest& manifest);

/// Runs what failed again: the manifest's own `replay`, else the whole.
std::string replay_command(const Manifest& manifest);

/// Judges one stored trial again.
std::string analyze_command(const Run& run, const Trial& trial);

}  // namespace boxoffice::reports
