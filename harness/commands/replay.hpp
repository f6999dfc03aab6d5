// The command that runs a trial of `verify` or `selftest` again: what decides beside the seed
// whether a race shows, where it is not the default.
#pragma once

#include <string>

#include "harness/database/test_database.hpp"

namespace boxoffice::harness {

/// What `verify` does where no flag says otherwise.
inline constexpr std::int64_t k_verify_pool = 32;
inline constexpr std::int64_t k_verify_threads = 1;

struct Replay {
  std::string strategy;  ///< or a negative control
  std::string scenario;
  std::uint64_t seed = 0;
  std::int64_t pool = k_verify_pool;
  std::int64_t threads = k_verify_threads;
  std::int64_t instances = 1;
  std::string fault = {};  ///< empty: none
};

/// A URL may hold a password: it stays in its variable.
std::string replay_command(const Replay& replay, const DatabaseChoice& database);

}  // namespace boxoffice::harness
