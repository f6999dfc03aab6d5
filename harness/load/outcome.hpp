// What an operation came to, as the figures count it: nine classes that are never mixed.
//
// The history asks a narrower question (ok, fail, info: did it happen?); a figure needs to know why
// a request did not sell a ticket. A success is goodput; an idempotent 200 (`existing`) is not; a
// refusal that changed nothing is no error; what may or may not have happened is `indeterminate`,
// and never counted as a failure. classify.hpp holds the table that decides. Names:
// docs/run-directory.md.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string_view>

namespace boxoffice::load {

enum class Outcome {
  success,        ///< it happened: a ticket reserved, purchased, given back; or a read answered
  existing,       ///< reserve answered 200: the user's own active hold, nothing new
  sold_out,       ///< 409 sold_out
  refused,        ///< another 4xx that changed nothing
  conflict,       ///< 503 retries_exhausted: the server gave up on conflicts
  lock_timeout,   ///< 503 lock_timeout
  overload,       ///< 503 overloaded, pool_exhausted, shutting_down; 429
  error,          ///< no effect, and none of the above: connection refused, database_unavailable
  indeterminate,  ///< it may or may not have happened: timeout, reset, unreadable reply, 500
};

inline constexpr std::size_t k_outcome_count = 9;

/// The names as trial.json and reports write them, in the order of the enum.
inline constexpr std::array<std::string_view, k_outcome_count> k_outcome_names = {
    "success",      "existing", "sold_out", "refused",       "conflict",
    "lock_timeout", "overload", "error",    "indeterminate",
};

constexpr std::size_t index_of(Outcome outcome) {
  return static_cast<std::size_t>(outcome);
}
constexpr std::string_view name_of(Outcome outcome) {
  return k_outcome_names[index_of(outcome)];
}

/// How many operations came to each outcome.
struct OutcomeCounts {
  std::array<std::uint64_t, k_outcome_count> counts{};

  std::uint64_t& operator[](Outcome outcome) { return counts[index_of(outcome)]; }
  std::uint64_t operator[](Outcome outcome) const { return counts[index_of(outcome)]; }
  std::uint64_t total() const {
    return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
  }
  OutcomeCounts& operator+=(const OutcomeCounts& other) {
    for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += other.counts[i];
    return *this;
  }
  bool operator==(const OutcomeCounts&) const = default;
};

}  // namespace boxoffice::load
