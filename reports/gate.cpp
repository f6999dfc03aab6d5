// See gate.hpp.
#include "reports/gate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <stdexcept>

#include "reports/figures.hpp"
#include "reports/log_ratios.hpp"
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

/// A figure, and what is certain of it where it is censored: the time at which it was given up.
struct Value {
  double figure = 0, limit = 0;
};

/// A value that no trial comes up to.
constexpr double k_never = std::numeric_limits<double>::infinity();

std::optional<double> figure_of(const Trial& trial, GateMetric metric) {
  const auto figure = trial.figure();
  if (!figure) return std::nullopt;  // not a pass, or no valid figure
  const bool success = trial.outcomes.success > 0;
  switch (metric) {
    case GateMetric::goodput:
      return trial.metric == Metric::goodput ? figure : std::nullopt;
    case GateMetric::sell_out:
      return trial.metric == Metric::time_to_sell_out ? figure : std::nullopt;
    case GateMetric::p50:
      return success ? trial.response.p50 : k_never;
    case GateMetric::p95:
      return success ? trial.response.p95 : k_never;
    case GateMetric::p99:
      return success ? trial.response.p99 : k_never;
    case GateMetric::attempts:
      return success ? trial.attempts_per_success : k_never;
  }
  return std::nullopt;
}

using Place = std::pair<CellKey, std::string>;  // cell, variant
using Values = std::map<Place, std::map<std::int64_t, Value>>;

/// Every place that has a trial, also where none of them has a figure.
Values values_of(const Run& run, GateMetric metric) {
  Values values;
  for (const Trial& trial : run.trials) {
    if (trial.control || trial.superseded) continue;
    auto& rounds = values[{key_of(trial), trial.variant}];
    const auto figure = figure_of(trial, metric);
    if (!figure) continue;
    const bool time = metric == GateMetric::sell_out;
    rounds[trial.round] = {*figure, time ? trial.censored_at_s().value_or(*figure) : *figure};
  }
  return values;
}

/// A row without its decision, and the sorted ratios that decide it.
struct Asked {
  GateRow row;
  std::vector<double> logs = {};
  bool base_always_finished = true;
};

/// A round that neither finished says nothing: it is left out, as the sign test leaves out a tie.
Asked asked(const Place& place, const GateThreshold& threshold,
            const std::map<std::int64_t, Value>& base, const std::map<std::int64_t, Value>& run) {
  Asked result{.row = {.key = place.first,
                       .variant = place.second,
                       .threshold = threshold.text,
                       .base_rounds = base.size()}};
  std::vector<double> before, before_limits, after, after_limits;
  for (const auto& [round, value] : base) {
    const bool finished = !is_censored(value.figure);
    result.base_always_finished &= finished;
    const auto other = run.find(round);
    result.row.missing += other == run.end() ? 1 : 0;
    if (other == run.end()) continue;
    const bool lost = is_censored(other->second.figure);
    if (lost && !finished) continue;
    result.row.lost += lost ? 1 : 0;
    before.push_back(value.figure);
    before_limits.push_back(value.limit);
    after.push_back(other->second.figure);
    after_limits.push_back(other->second.limit);
    result.logs.push_back(log_ratio(after.back(), before.back()));
  }
  std::ranges::sort(result.logs);
  result.row.rounds = result.logs.size();
  result.row.base = censored_spread(before, before_limits);
  result.row.run = censored_spread(after, after_limits);
  result.row.ratio = median_ratio(result.logs);
  return result;
}

std::string note_of(const GateRow& row, GateMetric metric, bool has_trials) {
  std::string note;
  if (row.lost > 0) {
    note = fmt::format("RUN {} in {} of {} in which BASE did",
                       metric == GateMetric::sell_out ? "did not sell out" : "had no success",
                       row.lost, counted(static_cast<std::int64_t>(row.rounds), "round"));
  }
  if (row.missing == 0) return note;
  const std::string base = counted(static_cast<std::int64_t>(row.base_rounds), "round");
  if (!note.empty()) note += "; ";
  return note + (has_trials ? fmt::format("RUN has no figure of {} of BASE's {}", row.missing, base)
                            : fmt::format("RUN has no trial of it, BASE has {}", base));
}

std::vector<Asked> ask(const Run& base, const Run& run, const GateThreshold& threshold) {
  const Values after = values_of(run, threshold.metric);
  std::vector<Asked> all;
  bool comparable = false, unfinished = false;
  for (const auto& [place, rounds] : values_of(base, threshold.metric)) {
    const auto finished = [](const auto& each) { return !is_censored(each.second.figure); };
    unfinished |= !rounds.empty();
    if (std::ranges::none_of(rounds, finished)) continue;  // nothing that RUN could lose
    const auto found = after.find(place);
    const bool has_trials = found != after.end();
    comparable |= has_trials;
    all.push_back(asked(place, threshold, rounds,
                        has_trials ? found->second : std::map<std::int64_t, Value>()));
    all.back().row.note = note_of(all.back().row, threshold.metric, has_trials);
  }
  if (all.empty() && unfinished) {
    throw std::invalid_argument(fmt::format(
        "threshold '{}': {} sold out in none of its trials, or had no success: there is "
        "nothing that {} could lose",
        threshold.text, base.directory.string(), run.directory.string()));
  }
  if (!comparable) {
    throw std::invalid_argument(
        fmt::format("threshold '{}': {} and {} have no pair of trials with that metric (the same "
                    "database, variant, scenario, connections and round, both passed)",
                    threshold.text, base.directory.string(), run.directory.string()));
  }
  return all;
}

// By the interval at what is left of 5% for each of so many questions; and by what RUN no longer
// does, which no interval of the other rounds outweighs.
void decide(Asked& one, const GateThreshold& threshold, double confidence) {
  GateRow& row = one.row;
  if (const auto interval = ratio_interval(one.logs, confidence)) {
    row.low = interval->low;
    row.high = interval->high;
    row.coverage = interval->coverage;
    const double bound = 1 + threshold.change;
    const bool above = row.low && *row.low > bound, below = row.high && *row.high < bound;
    if (threshold.above ? above : below) row.state = GateState::held;
    if (threshold.above ? below : above) row.state = GateState::worse;
  }
  if (row.lost > 0 && one.base_always_finished) row.state = GateState::worse;
  const bool whole = row.lost == 0 && row.missing == 0;
  if (row.state == GateState::held && !whole) row.state = GateState::undecided;
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
  std::vector<std::vector<Asked>> questions;
  std::size_t rows = 0;
  for (const GateThreshold& threshold : thresholds) {
    questions.push_back(ask(base, run, threshold));
    rows += questions.back().size();
  }
  const double confidence = 1 - k_alpha / static_cast<double>(rows);
  for (std::size_t i = 0; i < thresholds.size(); ++i) {
    for (Asked& one : questions[i]) {
      decide(one, thresholds[i], confidence);
      gate.rows.push_back(std::move(one.row));
    }
  }
  warn_of_differences(base, run, gate);
  return gate;
}

std::string_view state_name(GateState state) {
  return state == GateState::held ? "held" : state == GateState::worse ? "worse" : "undecided";
}

}  // namespace boxoffice::reports
