// A log-linear histogram of durations: bounded memory, bounded relative error, mergeable.
//
// Values up to 2^precision_bits ns have a counter each; above, every power of two is split into
// 2^precision_bits equal buckets, so that a bucket is never wider than value / 2^precision_bits:
// with the default of 10 bits a percentile is at most 0.1% above the exact one, and never below it.
// From 1 ns to beyond an hour that is at most 34,000 counters (270 KB), grown on demand. Histograms
// of the same precision add up, over threads and machines, without loss. Source of the form: Gil
// Tene's HdrHistogram.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace boxoffice::load {

class Histogram {
 public:
  static constexpr int k_default_precision_bits = 10;
  /// Larger values are counted as this one (about 73 minutes).
  static constexpr std::int64_t k_value_ns_max = (std::int64_t{1} << 42) - 1;

  explicit Histogram(int precision_bits = k_default_precision_bits);

  /// Counts one duration. Negative values count as zero.
  void record(std::int64_t value_ns);

  /// Adds what `other` counted. Its precision must be the same (checked: throws std::logic_error).
  void merge(const Histogram& other);

  std::uint64_t count() const { return count_; }
  std::int64_t min_ns() const { return count_ == 0 ? 0 : min_ns_; }
  std::int64_t max_ns() const { return max_ns_; }
  double mean_ns() const;
  double standard_deviation_ns() const;

  /// The smallest duration that at least `percent` % of the samples do not exceed, at most 0.1% too
  /// high. Absent where the samples do not carry it: p99.99 needs 10,000 of them, p50 two.
  std::optional<std::int64_t> percentile_ns(double percent) const;

  /// The same without the rule about sample counts; 0 for an empty histogram.
  std::int64_t value_at_ns(double percent) const;

  /// HdrHistogram's percentile text: value, percentile, total count, 1/(1-percentile), with the
  /// values divided by `unit_ns` (1e6 for milliseconds) and five lines each time the rest halves.
  std::string percentile_text(double unit_ns = 1e6) const;

  int precision_bits() const { return precision_bits_; }
  /// Bucket and count of every bucket that counted something, for whoever stores it.
  using BucketCount = std::pair<std::size_t, std::uint64_t>;
  std::vector<BucketCount> counts() const;
  /// The histogram that was stored. Throws std::invalid_argument where these are no counts of one.
  static Histogram of_counts(int precision_bits, const std::vector<BucketCount>& counts,
                             std::int64_t min_ns, std::int64_t max_ns);

  bool operator==(const Histogram&) const = default;

 private:
  std::size_t bucket_of(std::int64_t value_ns) const;
  std::int64_t upper_edge_ns(std::size_t bucket) const;

  int precision_bits_;
  std::vector<std::uint64_t> buckets_;  ///< grown to the highest bucket that was needed
  std::uint64_t count_ = 0;
  std::int64_t min_ns_ = k_value_ns_max;
  std::int64_t max_ns_ = 0;
};

}  // namespace boxoffice::load
