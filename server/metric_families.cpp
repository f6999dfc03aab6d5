// See metric_families.hpp.
#include "server/metric_families.hpp"

#include <prometheus/text_serializer.h>

#include <limits>

namespace boxoffice::server {

using prometheus::ClientMetric;
using prometheus::MetricType;

void MetricFamilies::begin(std::string_view name, std::string_view help, MetricType type) {
  families_.push_back({std::string(name), std::string(help), type, {}});
}

void MetricFamilies::counters(std::string_view name, std::string_view help) {
  begin(name, help, MetricType::Counter);
}

void MetricFamilies::gauges(std::string_view name, std::string_view help) {
  begin(name, help, MetricType::Gauge);
}

void MetricFamilies::histograms(std::string_view name, std::string_view help) {
  begin(name, help, MetricType::Histogram);
}

ClientMetric& MetricFamilies::add(Labels labels) {
  auto& metric = families_.back().metric.emplace_back();
  for (const auto& [name, value] : labels) {
    metric.label.push_back({std::string(name), std::string(value)});
  }
  if (!strategy_.empty()) metric.label.push_back({"strategy", strategy_});
  return metric;
}

void MetricFamilies::value(Labels labels, double value) {
  auto& metric = add(labels);
  metric.counter.value = metric.gauge.value = value;
}

void MetricFamilies::value(Labels labels, const LatencyHistogram& histogram) {
  auto& sample = add(labels).histogram;
  const auto buckets = histogram.buckets();
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < buckets.size(); ++i) {
    const bool bounded = i < LatencyHistogram::k_bounds_s.size();
    count += static_cast<std::uint64_t>(buckets[i]);
    sample.bucket.push_back({count, bounded ? LatencyHistogram::k_bounds_s[i]
                                            : std::numeric_limits<double>::infinity()});
  }
  sample.sample_count = count;
  sample.sample_sum = histogram.sum_s();
}

std::string MetricFamilies::text() const {
  return prometheus::TextSerializer().Serialize(families_);
}

}  // namespace boxoffice::server
