// See wall_clock.hpp.
#include "harness/wall_clock.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <utility>

#include "harness/load/clock.hpp"

namespace boxoffice::harness {

WallClock::WallClock() : WallClock(&WallClock::offset_now_ns) {}

WallClock::WallClock(std::function<std::int64_t()> offset_ns)
    : offset_(std::move(offset_ns)),
      begin_ns_(offset_()),
      lowest_ns_(begin_ns_),
      highest_ns_(begin_ns_) {}

void WallClock::sample() {
  const std::int64_t now_ns = offset_();
  lowest_ns_ = std::min(lowest_ns_, now_ns);
  highest_ns_ = std::max(highest_ns_, now_ns);
}

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
  const std::int64_t now_ns = offset_();
  const std::int64_t span_ns = std::max(highest_ns_, now_ns) - std::min(lowest_ns_, now_ns);
  const std::int64_t moved_ns = now_ns < begin_ns_ ? -span_ns : span_ns;
  if (std::abs(moved_ns) <= slack_us * 1000) return {};
  return {fmt::format("the machine's clock was set by {:+.3f} s during the run: when holds ended "
                      "cannot be judged",
                      static_cast<double>(moved_ns) / 1e9),
          moved_ns / 1000};
}

}  // namespace boxoffice::harness
