// Exit codes of the harness, and the two exceptions that choose between them. The precedence where
// several apply is 70, 130, 10, 12, 11, 13 (reports/summary.hpp computes it for a run).
#pragma once

#include <stdexcept>

namespace boxoffice::harness {

inline constexpr int k_exit_pass = 0;
inline constexpr int k_exit_violation = 10;
inline constexpr int k_exit_unknown = 11;
inline constexpr int k_exit_invalid = 12;
inline constexpr int k_exit_threshold = 13;
inline constexpr int k_exit_usage = 64;
inline constexpr int k_exit_internal = 70;
inline constexpr int k_exit_interrupted = 130;

/// The caller asked for something that cannot be: a flag, a scenario, a missing program. Exit 64;
/// nothing was started.
class UsageError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// What the run stands on broke: the database died, the disk is full. Exit 12: the run proves
/// nothing.
class EnvironmentBroke : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Ctrl-C or SIGTERM, outside of a load (which ends by itself and says so). Exit 130.
class Interrupted : public std::runtime_error {
 public:
  Interrupted() : std::runtime_error("interrupted") {}
};

}  // namespace boxoffice::harness
