// Builds what Prometheus reads: families of samples, in text form 0.0.4, by prometheus-cpp.
//
// Every sample carries the strategy as a label: the server pins it at its start, and figures of two
// strategies must never be added up unseen. Source of the form and of the naming rules:
// prometheus.io, "Exposition formats" and "Metric and label naming".
#pragma once

#include <prometheus/metric_family.h>

#include <string>
#include <string_view>
#include <vector>

#include "server/counters.hpp"

namespace boxoffice::server {

class MetricFamilies {
 public:
  struct Label {
    std::string_view name;
    std::string_view value;
  };
  using Labels = std::initializer_list<Label>;

  /// An empty strategy: no such label.
  explicit MetricFamilies(std::string_view strategy) : strategy_(strategy) {}

  // What follows the one before it, up to the next, are its samples.
  void counters(std::string_view name, std::string_view help);
  void gauges(std::string_view name, std::string_view help);
  void histograms(std::string_view name, std::string_view help);

  void value(Labels labels, double value);
  void value(Labels labels, std::int64_t count) { value(labels, static_cast<double>(count)); }
  void value(Labels labels, const Counter& counter) { value(labels, counter.value()); }
  void value(Labels labels, const LatencyHistogram& histogram);

  /// A family of one sample without labels of its own.
  template <class Value>
  void counter(std::string_view name, std::string_view help, const Value& now) {
    counters(name, help);
    value({}, now);
  }
  template <class Value>
  void gauge(std::string_view name, std::string_view help, const Value& now) {
    gauges(name, help);
    value({}, now);
  }
  void histogram(std::string_view name, std::string_view help, const LatencyHistogram& now) {
    histograms(name, help);
    value({}, now);
  }

  std::string text() const;

 private:
  void begin(std::string_view name, std::string_view help, prometheus::MetricType type);
  prometheus::ClientMetric& add(Labels labels);

  const std::string strategy_;
  std::vector<prometheus::MetricFamily> families_;
};

}  // namespace boxoffice::server
