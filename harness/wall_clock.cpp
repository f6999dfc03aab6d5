// See wall_clock.hpp.
#include "harness/wall_clock.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <limits>

#include "harness/load/clock.hpp"

namespace boxoffice::harness {

WallClock::WallClock() : offset_ns_(offset_now_ns()) {}

// Read between two readings of the other clock, the narrowest of a few times: whoever is
// interrupted in between does not take that for a step.
std::int64_t WallClock::offset_now_ns() {
  std::int64_t narrowest_ns = std::numeric_limits<std::int64_t>::max();
  std::int64_t offset_ns = 0;
  for (int tries = 0; tries < 5; ++tries) {
    const std::int64_t before_ns = load::now_ns();
    const std::int64_t wall_ns = load::read_clock_ns(CLOCK_REALTIME);
    const std::int64_t after_ns = load::now_ns();
    if (after_ns - before_ns >= narrowest_ns) continue;
    narrowest_ns = after_ns - before_ns;
    offset_ns = wall_ns - before_ns - narrowest_ns / 2;
  }
  return offset_ns;
}

properties::Breakage WallClock::set_meanwhile(std::int64_t slack_us) const {
  const std::int64_t moved_ns = offset_now_ns() - offset_ns_;
  if (std::abs(moved_ns) <= slack_us * 1000) return {};
  return {fmt::format("the machine's clock was set by {:+.3f} s during the run: when holds ended "
                      "cannot be judged",
                      static_cast<double>(moved_ns) / 1e9),
          moved_ns / 1000};
}

}  // namespace boxoffice::harness
