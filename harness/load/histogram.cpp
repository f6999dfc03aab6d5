// See histogram.hpp. A bucket's number is computed from the position of the value's highest bit: no
// search, no division, so that recording costs a few nanoseconds.
#include "harness/load/histogram.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <iterator>
#include <stdexcept>

namespace boxoffice::load {

Histogram::Histogram(int precision_bits) : precision_bits_(precision_bits) {
  if (precision_bits < 1 || precision_bits > 16) {
    throw std::logic_error("histogram: precision_bits must be 1 to 16");
  }
}

std::size_t Histogram::bucket_of(std::int64_t value_ns) const {
  const auto value = static_cast<std::uint64_t>(value_ns);
  const int top_bit = static_cast<int>(std::bit_width(value)) - 1;
  const int shift = std::max(0, top_bit - precision_bits_);
  // value >> shift lies in [2^precision, 2^(precision + 1)) once shift > 0; each further octave
  // therefore starts 2^precision buckets after the one before.
  return (static_cast<std::size_t>(shift) << precision_bits_) + (value >> shift);
}

std::int64_t Histogram::upper_edge_ns(std::size_t bucket) const {
  const std::size_t per_octave = std::size_t{1} << precision_bits_;
  if (bucket < 2 * per_octave) return static_cast<std::int64_t>(bucket);
  const std::size_t shift = bucket / per_octave - 1;
  const std::size_t scaled = bucket - shift * per_octave;
  return static_cast<std::int64_t>(((scaled + 1) << shift) - 1);
}

void Histogram::record(std::int64_t value_ns) {
  const std::int64_t value = std::clamp(value_ns, std::int64_t{0}, k_value_ns_max);
  const std::size_t bucket = bucket_of(value);
  if (bucket >= buckets_.size()) buckets_.resize(bucket + 1);
  ++buckets_[bucket];
  ++count_;
  min_ns_ = std::min(min_ns_, value);
  max_ns_ = std::max(max_ns_, value);
}

void Histogram::merge(const Histogram& other) {
  if (other.precision_bits_ != precision_bits_) {
    throw std::logic_error("histogram: cannot merge histograms of different precision");
  }
  if (other.buckets_.size() > buckets_.size()) buckets_.resize(other.buckets_.size());
  for (std::size_t i = 0; i < other.buckets_.size(); ++i) buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  min_ns_ = std::min(min_ns_, other.min_ns_);
  max_ns_ = std::max(max_ns_, other.max_ns_);
}

double Histogram::mean_ns() const {
  if (count_ == 0) return 0;
  double sum = 0;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    sum += static_cast<double>(buckets_[i]) * static_cast<double>(upper_edge_ns(i));
  }
  return sum / static_cast<double>(count_);
}

double Histogram::standard_deviation_ns() const {
  if (count_ == 0) return 0;
  const double mean = mean_ns();
  double sum = 0;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    const double distance = static_cast<double>(upper_edge_ns(i)) - mean;
    sum += static_cast<double>(buckets_[i]) * distance * distance;
  }
  return std::sqrt(sum / static_cast<double>(count_));
}

std::int64_t Histogram::value_at_ns(double percent) const {
  if (count_ == 0) return 0;
  // 99.9% of 1,000 must be rank 999 although 0.999 * 1000 is a hair above it in binary.
  const double exact_rank = percent / 100.0 * static_cast<double>(count_);
  const double tolerance = 1e-9 * static_cast<double>(count_);
  const auto rank =
      std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(exact_rank - tolerance)));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    seen += buckets_[i];
    if (seen >= rank) return std::min(upper_edge_ns(i), max_ns_);
  }
  return max_ns_;
}

std::optional<std::int64_t> Histogram::percentile_ns(double percent) const {
  const double beyond = static_cast<double>(count_) * (100.0 - percent) / 100.0;
  if (count_ == 0 || beyond < 1.0 - 1e-6) return std::nullopt;
  return value_at_ns(percent);
}

std::string Histogram::percentile_text(double unit_ns) const {
  constexpr double k_lines_per_half = 5;
  std::string text = fmt::format("{:>12} {:>14} {:>10} {:>14}\n\n", "Value", "Percentile",
                                 "TotalCount", "1/(1-Percentile)");
  const auto total = static_cast<double>(count_);
  std::uint64_t seen = 0;
  double next_percent = 0;
  for (std::size_t i = 0; i < buckets_.size() && seen < count_; ++i) {
    if (buckets_[i] == 0) continue;
    seen += buckets_[i];
    const double reached = 100.0 * static_cast<double>(seen) / total;
    const double value = static_cast<double>(std::min(upper_edge_ns(i), max_ns_)) / unit_ns;
    while (next_percent <= reached && seen < count_) {
      fmt::format_to(std::back_inserter(text), "{:12.6f} {:14.12f} {:>10} {:14.2f}\n", value,
                     next_percent / 100.0, seen, 1.0 / (1.0 - next_percent / 100.0));
      const double halvings = std::floor(std::log2(100.0 / (100.0 - next_percent))) + 1;
      next_percent += 100.0 / (k_lines_per_half * std::exp2(halvings));
    }
    if (seen == count_) {
      fmt::format_to(std::back_inserter(text), "{:12.6f} {:14.12f} {:>10}\n", value, 1.0, seen);
    }
  }
  fmt::format_to(std::back_inserter(text), "#[Mean    = {:12.6f}, StdDeviation   = {:12.6f}]\n",
                 mean_ns() / unit_ns, standard_deviation_ns() / unit_ns);
  fmt::format_to(std::back_inserter(text), "#[Max     = {:12.6f}, Total count    = {:>12}]\n",
                 static_cast<double>(max_ns_) / unit_ns, count_);
  fmt::format_to(std::back_inserter(text), "#[Buckets = {:>12}, SubBuckets     = {:>12}]\n",
                 42 - precision_bits_, std::size_t{1} << (precision_bits_ + 1));
  return text;
}

std::vector<Histogram::BucketCount> Histogram::counts() const {
  std::vector<BucketCount> counts;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    if (buckets_[i] > 0) counts.emplace_back(i, buckets_[i]);
  }
  return counts;
}

Histogram Histogram::of_counts(int precision_bits, const std::vector<BucketCount>& counts,
                               std::int64_t min_ns, std::int64_t max_ns) {
  if (precision_bits < 1 || precision_bits > 16)
    throw std::invalid_argument("a histogram has 1 to 16 bits of precision");
  Histogram histogram(precision_bits);
  const std::size_t last = histogram.bucket_of(k_value_ns_max);
  for (const auto& [bucket, count] : counts) {
    if (bucket > last) throw std::invalid_argument("a bucket beyond the last one");
    if (bucket >= histogram.buckets_.size()) histogram.buckets_.resize(bucket + 1);
    histogram.buckets_[bucket] += count;
    histogram.count_ += count;
  }
  const bool empty = histogram.count_ == 0;
  if (!empty &&
      (min_ns < 0 || max_ns < min_ns || histogram.bucket_of(max_ns) != counts.back().first ||
       histogram.bucket_of(min_ns) != counts.front().first))
    throw std::invalid_argument("the shortest and the longest are not those of the buckets");
  if (!empty) {
    histogram.min_ns_ = min_ns;
    histogram.max_ns_ = max_ns;
  }
  return histogram;
}

}  // namespace boxoffice::load
