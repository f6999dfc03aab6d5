// What a server does when it is asked for more than it can: figures at multiples of its capacity,
// and the bounds that a server which refuses in time holds (commands/overload.cpp measures them).
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "harness/load/histogram.hpp"

namespace boxoffice::harness {

/// Multiples of the capacity that are offered.
constexpr std::array<std::int64_t, 4> k_overload_factors = {1, 2, 5, 10};

/// One measurement.
struct OverloadStep {
  double due_per_s = 0;
  double sent_per_s = 0;
  double goodput_per_s = 0;
  double refused_share = 0;
  double refusal_ms_p99 = std::numeric_limits<double>::infinity();
  double memory_mb = 0;  ///< of the server, at the end
  std::uint64_t errors = 0;
};

/// p99 in ms; infinity of fewer than a hundred, of which nothing is known: that is no short time.
double refusal_p99_ms(const load::Histogram& refusals);

/// What was wanted of one figure, and what was reached.
struct OverloadBound {
  std::string what, wanted;
  double reached = 0;
  bool held = false;
};

/// One line of 80 columns or fewer.
std::string line_of(const OverloadBound& bound);

/// Medians over rounds. Each round adds the capacity and a step of each factor.
class OverloadFigures {
 public:
  void add_capacity(double per_s) { capacity_per_s_.push_back(per_s); }
  void add(std::int64_t factor, const OverloadStep& step) { steps_[factor].push_back(step); }

  double last_capacity_per_s() const { return capacity_per_s_.back(); }
  double capacity_per_s() const;
  /// A line a factor, with a bar: the plot and its figures. Ends with what the columns mean.
  std::string table() const;
  /// Throws std::out_of_range where a factor was never measured.
  std::vector<OverloadBound> bounds() const;

 private:
  double median(std::int64_t factor, double OverloadStep::*figure) const;

  std::vector<double> capacity_per_s_;
  std::map<std::int64_t, std::vector<OverloadStep>> steps_;
};

}  // namespace boxoffice::harness
