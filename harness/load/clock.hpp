// The one clock of the generator: CLOCK_MONOTONIC in nanoseconds, the same that the history states.
#pragma once

#include <time.h>

#include <cstdint>
#include <limits>

namespace boxoffice::load {

/// A time that never comes: "no deadline", "nothing is due".
inline constexpr std::int64_t k_never_ns = std::numeric_limits<std::int64_t>::max();

inline std::int64_t read_clock_ns(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

inline std::int64_t now_ns() {
  return read_clock_ns(CLOCK_MONOTONIC);
}

}  // namespace boxoffice::load
