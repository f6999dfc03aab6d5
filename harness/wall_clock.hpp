// Whether the wall clock was set while a run went on.
//
// A database ends holds by the wall clock; a history is written by the monotonic one, which nobody
// can set. The oracle compares the two within the header's slack: a step of the wall clock (NTP
// that jumps, a virtual machine that slept) would look like holds that ended too early, or hide
// some that did. Slewing moves both clocks of a machine alike, and needs no slack.
// One object is used by one thread at a time.
#pragma once

#include <cstdint>
#include <functional>

#include "properties/history.hpp"

namespace boxoffice::harness {

class WallClock {
 public:
  /// Notes where it stands against the monotonic clock.
  WallClock();
  /// For tests: where it stands is what `offset_ns` says each time.
  explicit WallClock(std::function<std::int64_t()> offset_ns);

  /// Looks where it stands now: a step that is undone before the end is seen by who looked between.
  void sample();

  /// Of no sentence where it went as the monotonic clock did since then, within `slack_us`; else
  /// what makes the run invalid, and by how much the clock was set, at most, between two looks.
  properties::Breakage set_meanwhile(std::int64_t slack_us) const;

  /// Wall clock less monotonic clock, now.
  static std::int64_t offset_now_ns();

 private:
  std::function<std::int64_t()> offset_;
  std::int64_t begin_ns_, lowest_ns_, highest_ns_;
};

}  // namespace boxoffice::harness
