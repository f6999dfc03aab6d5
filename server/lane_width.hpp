// How many jobs of one event to let in: as many as the limit allows, or a single one, whichever
// works off the event's line sooner.
//
// The row lets one transaction pass at a time, however many are let in. A second one in the
// database saves the way there and back between one's COMMIT and the next one's first statement,
// and costs that a lock is handed from session to session, which means waking one that sleeps.
// Which of the two is more depends on the database and the machine, by a quarter or by a half
// (docs/decisions/0044-one-or-as-many-as-the-limit.md). So it is measured, where a line stands: a
// block of jobs at one width, then one at the other, and what is kept is the ratio of two blocks
// that follow each other, so that a machine that becomes slower says nothing about widths. Where
// threads are short, or most jobs change nothing, it is not the row that is measured: then what is
// known is kept.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace boxoffice::server {

/// What is known of the two widths, over all events: learnt by lanes, kept when they end.
class WidthKnowledge {
 public:
  /// `ratio`: time of a job at the limit's width / time of a job alone, of two blocks in a row.
  void add(double ratio);
  /// A single one is the quicker, as far as is known; the limit is what is begun with.
  bool alone_is_quicker() const { return alone_is_quicker_; }
  /// Too little is known for a choice.
  bool is_new() const { return ratios_ < k_ratios_wanted; }

 private:
  static constexpr int k_ratios_wanted = 6;

  int ratios_ = 0;
  double mean_log_ = 0;  ///< above 0: a single one is quicker
  bool alone_is_quicker_ = false;
};

/// Of one event, while its line lasts. Not thread-safe.
class LaneWidth {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// limit: at least 1.
  LaneWidth(int limit, const WidthKnowledge& known)
      : limit_(limit), alone_(known.alone_is_quicker()) {}

  int value() const { return alone_ ? 1 : limit_; }
  /// A job has ended that did its work at the row up to a COMMIT. What was learnt goes to `known`.
  void job_ended(TimePoint now, WidthKnowledge& known);
  /// One that changed nothing: who is told that all are sold tells nothing of the row.
  void idle_job_ended(const WidthKnowledge& known);
  /// Nothing can be measured now: the line is empty, or what is waited for is a thread.
  void stop_measuring(const WidthKnowledge& known);

 private:
  void begin_block(std::optional<TimePoint> at);
  void block_ended(double seconds_each, WidthKnowledge& known);

  int limit_;
  bool alone_;
  std::optional<TimePoint> begun_;  ///< of the block; none: the next job's end begins it
  int unmeasured_ = 0;              ///< jobs that were let in at the other width
  int jobs_ = 0;                    ///< of the block
  int idle_jobs_ = 0;               ///< beside them
  int blocks_ = 0;                  ///< in a row at this width
  std::optional<double> before_;    ///< seconds a job of the block before, at the other width
};

}  // namespace boxoffice::server
