// See lane_width.hpp. A block is long enough for some commits of each session and short enough for
// a choice within half a second of a rush; the loser is looked at again one block in 17, which
// costs what it is slower by, a seventeenth of it.
#include "server/lane_width.hpp"

#include <algorithm>
#include <cmath>

namespace boxoffice::server {

namespace {

constexpr int k_jobs_of_block = 32;
constexpr int k_blocks_of_winner = 16;
constexpr double k_newest_weighs = 1.0 / 12;
/// One stall of a disk falls into one block: it must not count for more than any difference does.
constexpr double k_log_max = 0.7;
/// Two that are alike are not changed for each other.
constexpr double k_clearly = 0.02;

}  // namespace

void WidthKnowledge::add(double ratio) {
  ++ratios_;
  const double log = std::clamp(std::log(ratio), -k_log_max, k_log_max);
  mean_log_ += (log - mean_log_) * std::max(1.0 / ratios_, k_newest_weighs);
  if (is_new()) return;
  if (mean_log_ > k_clearly) alone_is_quicker_ = true;
  if (mean_log_ < -k_clearly) alone_is_quicker_ = false;
}

void LaneWidth::begin_block(std::optional<TimePoint> at) {
  begun_ = at;
  jobs_ = idle_jobs_ = 0;
}

void LaneWidth::stop_measuring(const WidthKnowledge& known) {
  begin_block({});
  before_.reset();
  blocks_ = unmeasured_ = 0;
  alone_ = limit_ > 1 && known.alone_is_quicker();
}

void LaneWidth::idle_job_ended(const WidthKnowledge& known) {
  if (++idle_jobs_ > k_jobs_of_block) stop_measuring(known);
}

void LaneWidth::job_ended(TimePoint now, WidthKnowledge& known) {
  if (limit_ == 1) return;
  if (unmeasured_ > 0) {
    --unmeasured_;
    return;
  }
  if (!begun_) return begin_block(now);
  if (++jobs_ < k_jobs_of_block) return;
  const std::chrono::duration<double> taken = now - *begun_;
  begin_block(now);
  if (taken.count() > 0) block_ended(taken.count() / k_jobs_of_block, known);
}

void LaneWidth::block_ended(double seconds_each, WidthKnowledge& known) {
  ++blocks_;
  if (before_) known.add(alone_ ? *before_ / seconds_each : seconds_each / *before_);
  before_.reset();
  const bool is_winner = alone_ == known.alone_is_quicker();
  if (!known.is_new() && is_winner && blocks_ < k_blocks_of_winner) return;
  before_ = seconds_each;
  alone_ = !alone_;
  blocks_ = 0;
  begin_block({});
  unmeasured_ = limit_ - 1;  // they are in the database already, or may not be replaced
}

}  // namespace boxoffice::server
