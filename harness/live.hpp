// Live progress, on stderr: a few lines that redraw themselves on a terminal, plain lines in a log,
// nothing with --quiet.
//
// The block is drawn in place, below what was said before, and its size is asked for each time, so
// that it follows the window. In a log a step that takes long says how it goes every ten seconds.
#pragma once

#include <chrono>
#include <string>

#include "harness/live_frame.hpp"

namespace boxoffice::harness {

class Live {
 public:
  /// On stderr; what a program reads (stdout) stays clean.
  explicit Live(bool quiet);
  ~Live();
  Live(const Live&) = delete;
  Live& operator=(const Live&) = delete;

  /// A step with a name begins; `left_s` is how long the whole run still takes, negative where
  /// nobody knows.
  void begin(const std::string& what, double left_s);
  /// How the load goes, about four times a second.
  void show(const load::Progress& progress);
  /// The step ended: on a terminal its result stays above the next steps for a while, in a log this
  /// is its line.
  void end(const std::string& result);
  /// A line of its own, in any case but --quiet.
  void say(const std::string& line);
  /// A line that --quiet does not hide: why the run ends here.
  void complain(const std::string& line);

 private:
  using Clock = std::chrono::steady_clock;

  void draw();
  void erase();
  std::string take_back();
  LiveLook look() const;

  const bool quiet_;
  const bool terminal_;
  LiveState state_;
  double left_at_begin_s_ = -1;
  Clock::time_point begun_, said_;
  std::vector<std::size_t> drawn_;  // places of each line on the screen
};

}  // namespace boxoffice::harness
