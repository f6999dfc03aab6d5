// Whether the wall clock was set while a run went on.
//
// A database ends holds by the wall clock; a history is written by the monotonic one, which nobody
// can set. The oracle compares the two within the header's slack: a step of the wall clock (NTP
// that jumps, a virtual machine that slept) would look like holds that ended too early, or hide
// some that did. Slewing moves both clocks of a machine alike, and needs no slack.
#pragma once

#include <cstdint>

#include "properties/history.hpp"

namespace boxoffice::harness {

class WallClock {
 public:
  /// Notes where it stands against the monotonic clock.
  WallClock();
  /// For tests: as if it had stood there.
  explicit WallClock(std::int64_t offset_ns) : offset_ns_(offset_ns) {}

  /// Of no sentence where it went as the monotonic clock did since then, within `slack_us`; else
  /// what makes the run invalid, and by how much the clock was set.
  properties::Breakage set_meanwhile(std::int64_t slack_us) const;

  /// Wall clock less monotonic clock, now.
  static std::int64_t offset_now_ns();

 private:
  std::int64_t offset_ns_;
};

}  // namespace boxoffice::harness
