// Groups trials into cells, pairs variants by round, and draws the conclusions.
#include "reports/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "reports/log_ratios.hpp"
#include "reports/sign_test.hpp"

namespace boxoffice::reports {
namespace {

double per_s(const Trial& trial, std::int64_t count) {
  return trial.measured_s > 0 ? static_cast<double>(count) / trial.measured_s : 0;
}

/// What the server gave an answer to: neither turned away nor lost.
std::int64_t answered(const Outcomes& o) {
  return o.success + o.existing + o.sold_out + o.refused;
}

/// Who got what he came for, or was told that there is none. Whoever asks again for what he holds
/// is answered cheaply, and the more often the longer a sale lasts: that is not of it.
std::int64_t settled(const Outcomes& o) {
  return o.success + o.sold_out;
}

VariantFigures variant_figures(const std::vector<const Trial*>& trials) {
  VariantFigures figures;
  bool latencies_known = true;  // of one round not: the others are those in which it kept up
  figures.variant = trials.front()->variant;
  figures.strategy = trials.front()->strategy;
  std::vector<double> figure, limit, started, answered_rates, settled_rates, p50, p95, p99,
      service_p99, lag_p99, attempts, statements, round_trips, fairness;
  const auto add = [](std::vector<double>& values, const std::optional<double>& value) {
    if (value) values.push_back(*value);
  };
  for (const Trial* trial : trials) {
    ++figures.trials;
    figures.verdict = std::max(figures.verdict, trial->verdict);
    if (trial->disqualified) figures.verdict = properties::Outcome::violation;
    const auto value = trial->figure();
    if (!value) {
      ++figures.without_figure;
      continue;
    }
    figures.by_round[trial->round] = *value;
    if (!trial->latency_why.empty()) latencies_known = false;
    figures.outcomes += trial->outcomes;
    figures.attempted_successes += trial->attempted_successes;
    figure.push_back(*value);
    limit.push_back(trial->censored_at_s().value_or(*value));
    started.push_back(trial->started_per_s);
    answered_rates.push_back(per_s(*trial, answered(trial->outcomes)));
    settled_rates.push_back(per_s(*trial, settled(trial->outcomes)));
    add(p50, trial->response.p50);
    add(p95, trial->response.p95);
    add(p99, trial->response.p99);
    add(service_p99, trial->service.p99);
    add(lag_p99, trial->schedule_lag.p99);
    add(attempts, trial->attempts_per_success);
    add(statements, trial->statements_per_success);
    add(round_trips, trial->round_trips_per_success);
    add(fairness, trial->fairness);
    if (trial->deadlocks) figures.deadlocks = figures.deadlocks.value_or(0) + *trial->deadlocks;
  }
  figures.figure = censored_spread(figure, limit);
  figures.started_per_s = spread(started);
  figures.answered_per_s = spread(answered_rates);
  figures.settled_per_s = spread(settled_rates);
  // Of a round with few successes, or none, some are not known: the others are the better ones.
  const auto of_every_round = [&](const std::vector<double>& values) {
    return values.size() == figure.size() ? spread(values) : std::nullopt;
  };
  if (latencies_known) {
    figures.p50_ms = of_every_round(p50);
    figures.p95_ms = of_every_round(p95);
    figures.p99_ms = of_every_round(p99);
    figures.service_p99_ms = of_every_round(service_p99);
    figures.schedule_lag_p99_ms = of_every_round(lag_p99);
  }
  figures.attempts_per_success = of_every_round(attempts);
  figures.statements_per_success = of_every_round(statements);
  figures.round_trips_per_success = of_every_round(round_trips);
  figures.fairness = of_every_round(fairness);
  return figures;
}

/// Everything of a pair but what needs the other pairs of the cell.
Pair paired(const VariantFigures& a, const VariantFigures& b, Metric metric) {
  Pair pair;
  pair.a = a.variant;
  pair.b = b.variant;
  pair.a_missing = a.missing();
  pair.b_missing = b.missing();
  std::vector<double> logs;
  std::size_t unknown = 0;
  const bool more_is_ahead = metric == Metric::goodput;
  for (const auto& [round, figure] : a.by_round) {
    const auto other = b.by_round.find(round);
    if (other == b.by_round.end()) continue;
    if (is_censored(figure)) ++pair.a_unfinished;
    if (is_censored(other->second)) ++pair.b_unfinished;
    ++pair.rounds;
    const auto log = log_ratio(figure, other->second);
    unknown += log ? 0 : 1;
    if (!log) continue;
    logs.push_back(*log);
    if (*log != 0) ++((*log > 0) == more_is_ahead ? pair.a_ahead : pair.b_ahead);
  }
  std::sort(logs.begin(), logs.end());
  pair.ratio = median_ratio(logs, unknown);
  pair.p_value = sign_test_p(pair.a_ahead, pair.b_ahead);
  if (const auto interval = ratio_interval(logs, k_confidence, unknown)) {
    pair.low = interval->low;
    pair.high = interval->high;
    pair.coverage = interval->coverage;
  }
  return pair;
}

/// Rounds that neither finished are ties of the sign test, which leaves them out, and what is left
/// must be as many rounds as a winner needs.
bool enough_decided(const Pair& pair) {
  return pair.a_ahead + pair.b_ahead >= k_rounds_min;
}

Conclusion conclude(const Pair& pair, Metric metric, bool indicative) {
  if (indicative) return Conclusion::indicative;
  if (pair.a_missing.too_many() || pair.b_missing.too_many()) return Conclusion::not_separated;
  if (pair.rounds < k_rounds_min) return Conclusion::indicative;
  if (pair.p_holm > k_alpha || !pair.ratio || !enough_decided(pair))
    return Conclusion::not_separated;
  // Above 1 means a has more: faster where goodput counts, slower where time does.
  const double gain = metric == Metric::goodput ? *pair.ratio : 1 / *pair.ratio;
  if (gain >= k_effect_min) return Conclusion::a_faster;
  if (gain <= 1 / k_effect_min) return Conclusion::b_faster;
  return Conclusion::not_separated;
}

void draw_conclusions(Cell& cell, bool indicative) {
  std::vector<double> p_values;
  for (const Pair& pair : cell.pairs) p_values.push_back(pair.p_value);
  const std::vector<double> adjusted = holm_adjusted(p_values);
  for (std::size_t i = 0; i < cell.pairs.size(); ++i) {
    cell.pairs[i].p_holm = adjusted[i];
    cell.pairs[i].conclusion = conclude(cell.pairs[i], cell.key.metric, indicative);
  }
}

bool may_win(const VariantFigures& variant) {
  return variant.verdict != properties::Outcome::violation;
}

}  // namespace

std::size_t rounds_needed(std::size_t pairs) {
  std::size_t rounds = k_rounds_min;
  while (static_cast<double>(pairs) * sign_test_p(rounds, 0) > k_alpha) ++rounds;
  return rounds;
}

bool Missing::too_many() const {
  return static_cast<double>(without_figure) > k_missing_share_max * static_cast<double>(rounds);
}

CellKey key_of(const Trial& trial) {
  return {trial.database,      trial.scenario, trial.connections,
          trial.offered_per_s, trial.metric,   trial.instances};
}

Pair compare_alone(const VariantFigures& a, const VariantFigures& b, Metric metric) {
  Pair pair = paired(a, b, metric);
  pair.p_holm = pair.p_value;
  pair.conclusion = conclude(pair, metric, false);
  return pair;
}

std::optional<Spread> spread(const std::vector<double>& values) {
  if (values.empty()) return std::nullopt;
  const auto [min, max] = std::minmax_element(values.begin(), values.end());
  return Spread{.median = median(values), .min = *min, .max = *max, .rounds = values.size()};
}

std::optional<Spread> censored_spread(const std::vector<double>& values,
                                      const std::vector<double>& limits) {
  std::optional<Spread> found = spread(values);
  if (!found) return found;
  double limit = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!is_censored(values[i])) continue;
    ++found->unfinished;
    limit = std::min(limit, limits[i]);
  }
  if (found->unfinished > 0) found->limit = limit;
  if (std::isinf(found->median)) found->median_above = median(limits);
  return found;
}

std::vector<Cell> compare_cells(const Run& run) {
  std::map<CellKey, std::map<std::string, std::vector<const Trial*>>> grouped;
  for (const Trial& trial : run.trials) {
    if (trial.control || trial.superseded || !trial.twin_of.empty()) continue;
    grouped[key_of(trial)][trial.variant].push_back(&trial);
  }
  std::vector<Cell> cells;
  for (const auto& [key, variants] : grouped) {
    Cell cell{.key = key, .variants = {}, .pairs = {}};
    for (const auto& [name, trials] : variants) cell.variants.push_back(variant_figures(trials));
    for (std::size_t i = 0; i < cell.variants.size(); ++i) {
      for (std::size_t j = i + 1; j < cell.variants.size(); ++j) {
        if (!may_win(cell.variants[i]) || !may_win(cell.variants[j])) continue;
        cell.pairs.push_back(paired(cell.variants[i], cell.variants[j], key.metric));
      }
    }
    draw_conclusions(cell,
                     run.manifest.indicative ||
                         std::cmp_less(run.manifest.rounds, rounds_needed(cell.pairs.size())));
    cells.push_back(std::move(cell));
  }
  return cells;
}

std::optional<Pair> versus(const Cell& cell, const std::string& a, const std::string& b) {
  for (const Pair& pair : cell.pairs) {
    if (pair.a == a && pair.b == b) return pair;
    if (pair.a != b || pair.b != a) continue;
    Pair turned = pair;
    std::swap(turned.a, turned.b);
    std::swap(turned.a_ahead, turned.b_ahead);
    std::swap(turned.a_unfinished, turned.b_unfinished);
    std::swap(turned.a_missing, turned.b_missing);
    if (pair.ratio) turned.ratio = 1 / *pair.ratio;
    turned.low = pair.high ? std::optional(1 / *pair.high) : std::nullopt;
    turned.high = pair.low ? std::optional(1 / *pair.low) : std::nullopt;
    if (pair.conclusion == Conclusion::a_faster) turned.conclusion = Conclusion::b_faster;
    if (pair.conclusion == Conclusion::b_faster) turned.conclusion = Conclusion::a_faster;
    return turned;
  }
  return std::nullopt;
}

bool is_better(const Spread& figure, const Spread& other, Metric metric) {
  if (figure.median == other.median) return figure.unfinished < other.unfinished;
  return metric == Metric::goodput ? figure.median > other.median : figure.median < other.median;
}

const VariantFigures* leader(const Cell& cell) {
  const VariantFigures* best = nullptr;
  for (const VariantFigures& variant : cell.variants) {
    if (!variant.figure || variant.figure->unfinished == variant.figure->rounds) continue;
    if (best == nullptr || is_better(*variant.figure, *best->figure, cell.key.metric))
      best = &variant;
  }
  return best;
}

const VariantFigures* winner(const Cell& cell) {
  const VariantFigures* best = leader(cell);
  std::size_t beaten = 0;
  for (const VariantFigures& variant : cell.variants) {
    if (best == nullptr || &variant == best || !may_win(variant)) continue;
    const auto pair = versus(cell, best->variant, variant.variant);
    if (!pair || pair->conclusion != Conclusion::a_faster) return nullptr;
    ++beaten;
  }
  return beaten > 0 ? best : nullptr;  // alone in its cell, a variant has beaten nobody
}

std::string_view conclusion_name(Conclusion conclusion) {
  switch (conclusion) {
    case Conclusion::a_faster:
      return "a_faster";
    case Conclusion::b_faster:
      return "b_faster";
    case Conclusion::not_separated:
      return "not_separated";
    case Conclusion::indicative:
      return "indicative";
  }
  return "not_separated";
}

}  // namespace boxoffice::reports
