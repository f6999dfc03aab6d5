// Live progress: one line that redraws itself on a terminal, plain lines in a log, nothing with
// --quiet.
#pragma once

#include <chrono>
#include <string>

#include "harness/load/load.hpp"

namespace boxoffice::harness {

class Live {
 public:
  /// On stderr; what a program reads (stdout) stays clean.
  explicit Live(bool quiet);
  ~Live();

  /// A step with a name begins; `left_s` is how long the whole run still takes, negative where
  /// nobody knows.
  void begin(const std::string& what, double left_s);
  /// Redraws the line with the load's progress.
  void show(const load::Progress& progress);
  /// The step ended: on a terminal the line is replaced, in a log this is the line.
  void end(const std::string& result);
  /// A line of its own, in any case but --quiet.
  void say(const std::string& line);

 private:
  void draw(const std::string& line);
  void erase();
  std::size_t width() const;

  bool quiet_;
  bool terminal_;
  std::string what_;
  double left_s_ = -1;
  std::chrono::steady_clock::time_point begun_;
};

/// "3m05s", "12s"
std::string clock_text(double seconds);

}  // namespace boxoffice::harness
