// A run directory made up in the test: the figures are chosen, so what must be concluded from them
// is known.
//
// The default is 3 rounds of three strategies in two scenarios at three levels of concurrency, all
// correct, with a control that is caught. A test changes what it is about and writes the directory
// out.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <filesystem>
#include <string>
#include <vector>

namespace boxoffice::reports::test {

struct SyntheticTrial {
  std::string directory;
  boost::json::object trial;
  std::string history;  ///< history.jsonl, not written where empty
  std::string latency;  ///< latency.hdr, not written where empty
};

class SyntheticRun {
 public:
  explicit SyntheticRun(int rounds = 3);
  ~SyntheticRun();
  SyntheticRun(const SyntheticRun&) = delete;
  SyntheticRun& operator=(const SyntheticRun&) = delete;

  boost::json::object manifest;
  std::vector<SyntheticTrial> trials;

  /// Adds trials of `variant`: figure `per_s` at each round, with a spread of a few per cent that
  /// depends on the round only (the machine's drift) and of `noise` times a fixed pattern (the
  /// variant's own).
  void add(const std::string& variant, const std::string& scenario, int connections, double per_s,
           double noise = 0.002);
  /// Adds trials of `variant` in "rush" at 64 connections, where a trial ends when all is sold, 30
  /// s at most: the first `sold_out` rounds take `time_s` (and a little more each), the others last
  /// 30 s and are not sold out.
  void add_rush(const std::string& variant, int sold_out, double time_s);
  /// Adds trials of `variant` that answered nobody: no success, no latency.
  void add_idle(const std::string& variant, const std::string& scenario, int connections);
  /// Adds the control `naive`, caught by H5 with a history to draw, or not caught.
  void add_control(bool caught);
  /// The default content.
  void fill();
  /// Repeats all that is there on a second engine, MariaDB, at half the speed; both with their
  /// reference lines.
  void add_engine();
  /// Offers `variant` rates of 300, 600 and 1,200 a second: the last is more than it can do.
  void add_rates(const std::string& variant);
  /// Compares atomic with itself, `repeats` times in rounds of 12, as `compare --self` does.
  void add_self(int repeats);
  /// Makes it a bad day: an oversold trial, an invalid figure, a repetition, names that would be
  /// markup.
  void spoil();

  /// The trials of a variant, to change them.
  std::vector<SyntheticTrial*> of(const std::string& variant);

  /// Writes everything below directory() and returns it.
  std::filesystem::path write() const;
  std::filesystem::path directory() const { return directory_; }

 private:
  SyntheticTrial& append(const std::string& variant, const std::string& scenario, int connections,
                         int round);

  int rounds_;
  std::filesystem::path directory_;
};

/// The report of a run, written out and read again.
std::string html_of(const SyntheticRun& run);

}  // namespace boxoffice::reports::test
