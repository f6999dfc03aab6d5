// See gate.hpp.
#include "reports/gate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <stdexcept>

#include "reports/sign_test.hpp"
#include "reports/summary.hpp"

namespace boxoffice::reports {
namespace {

constexpr std::array<std::pair<std::string_view, GateMetric>, 6> k_metrics = {
    {{"goodput", GateMetric::goodput},
     {"sell_out", GateMetric::sell_out},
     {"p50", GateMetric::p50},
     {"p95", GateMetric::p95},
     {"p99", GateMetric::p99},
     {"attempts", GateMetric::attempts}}};

std::optional<double> value_of(const Trial& trial, GateMetric metric) {
  if (!trial.figure()) return std::nullopt;  // not a pass, or no valid figure
  switch (metric) {
    case GateMetric::goodput:
      return trial.metric == Metric::goodput ? std::optional(trial.goodput_per_s) : std::nullopt;
    case GateMetric::sell_out:
      return trial.metric == Metric::time_to_sell_out ? trial.time_to_sell_out_s : std::nullopt;
    case GateMetric::p50:
      return trial.response.p50;
    case GateMetric::p95:
      return trial.response.p95;
    case GateMetric::p99:
      return trial.response.p99;
    case GateMetric::attempts:
      return trial.attempts_per_success;
  }
  return std::nullopt;
}

using Place = std::pair<CellKey, std::string>;  // cell, variant

std::map<Place, std::map<std::int64_t, double>> values_of(const Run& run, GateMetric metric) {
  std::map<Place, std::map<std::int64_t, double>> values;
  for (const Trial& trial : run.trials) {
    if (trial.control || trial.superseded) continue;
    const auto value = value_of(trial, metric);
    if (value && *value > 0) values[{key_of(trial), trial.variant}][trial.round] = *value;
  }
  return values;
}

struct Pairs {
  std::vector<double> base, run, logs;
};

Pairs pairs_of(const std::map<std::int64_t, double>& base,
               const std::map<std::int64_t, double>& run) {
  Pairs pairs;
  for (const auto& [round, value] : run) {
    const auto other = base.find(round);
    if (other == base.end()) continue;
    pairs.base.push_back(other->second);
    pairs.run.push_back(value);
    pairs.logs.push_back(std::log(value / other->second));
  }
  std::ranges::sort(pairs.logs);
  return pairs;
}

void ask(const Run& base, const Run& run, const GateThreshold& threshold, Gate& gate) {
  const auto before = values_of(base, threshold.metric);
  const std::size_t known = gate.rows.size();
  for (const auto& [place, values] : values_of(run, threshold.metric)) {
    const auto found = before.find(place);
    if (found == before.end()) continue;
    const Pairs pairs = pairs_of(found->second, values);
    if (pairs.logs.empty()) continue;
    gate.rows.push_back({.key = place.first,
                         .variant = place.second,
                         .threshold = threshold.text,
                         .rounds = pairs.logs.size(),
                         .base = median(pairs.base),
                         .run = median(pairs.run),
                         .ratio = std::exp(median(pairs.logs))});
  }
  if (gate.rows.size() == known) {
    throw std::invalid_argument(
        fmt::format("threshold '{}': {} and {} have no pair of trials with that metric (the same "
                    "database, variant, scenario, connections and round, both passed)",
                    threshold.text, base.directory.string(), run.directory.string()));
  }
}

// The interval of each row, at what is left of 5% for each of so many questions.
void decide(const Run& base, const Run& run, const GateThreshold& threshold, double confidence,
            GateRow& row) {
  const Place place{row.key, row.variant};
  const Pairs pairs = pairs_of(values_of(base, threshold.metric).at(place),
                               values_of(run, threshold.metric).at(place));
  const auto interval = median_interval(pairs.logs.size(), confidence);
  if (!interval) return;
  row.low = std::exp(pairs.logs[interval->low]);
  row.high = std::exp(pairs.logs[interval->high]);
  row.coverage = interval->coverage;
  const double bound = 1 + threshold.change;
  if (threshold.above ? *row.low > bound : *row.high < bound) row.state = GateState::held;
  if (threshold.above ? *row.high < bound : *row.low > bound) row.state = GateState::worse;
}

void warn_of_differences(const Run& base, const Run& run, Gate& gate) {
  const auto differ = [&gate](const std::string& what, const std::string& a, const std::string& b) {
    if (a != b) gate.warnings.push_back(fmt::format("the runs differ in {}: {}, {}", what, a, b));
  };
  const Manifest &a = base.manifest, &b = run.manifest;
  differ("the build", a.build_type, b.build_type);
  differ("the processor", a.host.cpu, b.host.cpu);
  differ("the number of cores", std::to_string(a.host.cores), std::to_string(b.host.cores));
  for (const DatabaseFacts& one : a.databases) {
    for (const DatabaseFacts& other : b.databases) {
      if (one.engine != other.engine) continue;
      differ(one.engine + "'s version", one.version, other.version);
      differ("durability", one.durability, other.durability);
      differ("storage", one.storage, other.storage);
    }
  }
}

}  // namespace

GateThreshold parse_gate_threshold(const std::string& text) {
  const auto fault = [&text](const std::string& what) {
    throw std::invalid_argument(fmt::format("threshold '{}' {}", text, what));
  };
  const auto at = text.find_first_of("<>");
  if (at == std::string::npos) fault("compares nothing: write goodput>-5% or p99<+10%");
  GateThreshold threshold{.text = text, .above = text[at] == '>'};
  const std::string name = text.substr(0, at);
  const auto* const found =
      std::ranges::find(k_metrics, name, [](const auto& m) { return m.first; });
  if (found == k_metrics.end())
    fault("names no metric: goodput, sell_out, p50, p95, p99, attempts");
  threshold.metric = found->second;
  std::string_view bound = std::string_view(text).substr(at + 1);
  if (bound.starts_with('+')) bound.remove_prefix(1);
  const auto [end, error] =
      std::from_chars(bound.data(), bound.data() + bound.size(), threshold.change);
  const std::string_view rest(end, static_cast<std::size_t>(bound.data() + bound.size() - end));
  if (error != std::errc() || rest != "%" || !std::isfinite(threshold.change) ||
      threshold.change <= -100)
    fault("has no change in per cent above -100%, such as -5%");
  threshold.change /= 100;
  return threshold;
}

bool Gate::any(GateState state) const {
  return std::ranges::any_of(rows, [state](const GateRow& row) { return row.state == state; });
}

int Gate::exit_code() const {
  const int code =
      reports::exit_code({.verdict = verdict, .threshold_failed = any(GateState::worse)});
  return code == 0 && any(GateState::undecided) ? 11 : code;
}

Gate compare_runs(const Run& base, const Run& run, const std::vector<GateThreshold>& thresholds) {
  Gate gate{.base = base.directory.string(), .run = run.directory.string()};
  gate.verdict = summarize(run).verdict;
  std::vector<std::size_t> ends;
  for (const GateThreshold& threshold : thresholds) {
    ask(base, run, threshold, gate);
    ends.push_back(gate.rows.size());
  }
  const double confidence = 1 - k_alpha / static_cast<double>(gate.rows.size());
  std::size_t row = 0;
  for (std::size_t i = 0; i < thresholds.size(); ++i) {
    for (; row < ends[i]; ++row) decide(base, run, thresholds[i], confidence, gate.rows[row]);
  }
  warn_of_differences(base, run, gate);
  return gate;
}

std::string_view state_name(GateState state) {
  return state == GateState::held ? "held" : state == GateState::worse ? "worse" : "undecided";
}

}  // namespace boxoffice::reports
