// How long jobs run, of late: what the time that a newcomer has to wait is reckoned from.
//
// A mean over about the last thousand runs, or over the last seconds of work where runs are slow:
// sums that are halved when either is reached. One stall of a disk, which hits all threads at once,
// is then a part of the mean and not the whole of it, and a database that has become slow is known
// within a second or so. A sum and a count cost less than what is measured with them.
#pragma once

#include <chrono>
#include <cstdint>

namespace boxoffice::server {

class RunTimes {
 public:
  using Duration = std::chrono::steady_clock::duration;

  void add(Duration taken) {
    sum_ += taken;
    if (++count_ < k_runs && sum_ < k_work) return;
    sum_ /= 2;
    count_ = (count_ + 1) / 2;
  }
  /// Zero while nothing has run.
  Duration mean() const { return count_ == 0 ? Duration::zero() : sum_ / count_; }
  /// The same mean with the weight of a few runs: what is supposed where nothing is known yet.
  RunTimes supposed() const {
    RunTimes few;
    if (count_ == 0) return few;
    few.count_ = k_supposed_runs;
    few.sum_ = mean() * k_supposed_runs;
    return few;
  }

 private:
  static constexpr std::int64_t k_runs = 1000;
  static constexpr Duration k_work = std::chrono::seconds(8);
  static constexpr std::int64_t k_supposed_runs = 8;

  Duration sum_{0};
  std::int64_t count_ = 0;
};

}  // namespace boxoffice::server
