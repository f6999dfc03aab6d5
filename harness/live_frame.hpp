// What the live display shows, as text: lines that fit a terminal, without knowing one.
//
//   [3/24] hot-event  atomic  c=64                                  measuring
//   ############------------------  1.2 s of 2.3 s, whole run 3m05s left
//   rate      1,234/s   in flight 64     _..:!!:
//   response  p50 3.21 ms   p99 12.4 ms   (successes, the last second)
//   outcomes  success 12,345   sold out 120   conflict 3
//
// Pure, so that tests read it; live.cpp puts it on the screen.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "harness/load/load.hpp"

namespace boxoffice::harness {

struct LiveState {
  std::string what;              ///< "[3/24] hot-event atomic c=64"
  load::Progress progress;       ///< of what runs
  std::deque<double> rates;      ///< completed a second, the latest at the end
  double run_left_s = -1;        ///< of the whole run; negative: nobody knows
  std::deque<std::string> done;  ///< results of the steps before, the latest at the end
};

struct LiveLook {
  std::size_t columns = 80;
  std::size_t rows = 24;
  bool utf8 = true;
  bool colour = true;
};

/// Lines of at most `columns` - 1 places, at most `rows` - 1 of them.
std::vector<std::string> live_frame(const LiveState& state, const LiveLook& look);

/// One line for a log: "12 s: 1,234/s, p50 3.2 ms, p99 12.4 ms, success 12,345, sold out 120".
std::string live_line(const load::Progress& progress);

/// How many places a text takes on a terminal: escape sequences none, other characters one each.
std::size_t places_of(const std::string& text);

/// "3m05s", "12s"
std::string clock_text(double seconds);

}  // namespace boxoffice::harness
