// A clock for an Executor that moves when a test says so.
#pragma once

#include <atomic>

#include "server/executor.hpp"

namespace boxoffice::server::test {

inline std::atomic<Clock::duration> g_time{Clock::duration::zero()};

inline Clock::time_point manual_now() {
  return Clock::time_point{} + g_time.load();
}

}  // namespace boxoffice::server::test
