// Number formats.
#include "reports/figures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>

namespace boxoffice::reports {
namespace {

std::string above_text(double bound) {
  return std::isfinite(bound) ? fmt::format("> {:.4g}", bound) : "none";
}

std::string counted_rounds(std::size_t rounds) {
  return counted(static_cast<std::int64_t>(rounds), "round");
}

/// What goes without saying is left out.
std::string instances_text(std::int64_t instances) {
  return instances == 1 ? "" : ", " + counted(instances, "instance");
}

}  // namespace

std::string thousands(std::int64_t number) {
  std::string text = fmt::format("{}", number);
  const std::size_t sign = number < 0 ? 1 : 0;
  for (std::size_t at = text.size(); at > sign + 3;) {
    at -= 3;
    text.insert(at, ",");
  }
  return text;
}

std::string figure_text(double value) {
  // The limits are where rounding to the next shorter form begins: 99.96 is "100", not "100.0".
  if (value >= 99.95) return thousands(std::llround(value));
  if (value >= 9.995) return fmt::format("{:.1f}", value);
  if (value >= 0.9995 || value == 0) return fmt::format("{:.2f}", value);
  return fmt::format("{:.3g}", value);
}

std::string short_figure(double value) {
  if (value >= 999.5e3) return fmt::format("{:.4g}M", value / 1e6);
  if (value >= 9999.5) return fmt::format("{:.{}f}k", value / 1e3, value >= 99.95e3 ? 0 : 1);
  return figure_text(value);
}

std::string figure_or_dash(const std::optional<Spread>& spread) {
  return spread ? median_text(*spread) : "-";
}

std::string median_text(const Spread& spread) {
  return std::isinf(spread.median) ? above_text(spread.median_above) : short_figure(spread.median);
}

std::string min_text(const Spread& spread) {
  return std::isinf(spread.min) ? above_text(spread.limit) : short_figure(spread.min);
}

std::string max_text(const Spread& spread) {
  return std::isinf(spread.max) ? above_text(spread.limit) : short_figure(spread.max);
}

std::string range_text(const Spread& spread) {
  return std::isinf(spread.min) ? min_text(spread) : min_text(spread) + ".." + max_text(spread);
}

std::string ratio_text(const Pair& pair) {
  if (!pair.ratio) return "-";
  return *pair.ratio > 0 ? ratio_text(*pair.ratio) : "unbounded";
}

std::string interval_text(const Pair& pair) {
  if (!pair.coverage) return "-";
  if ((pair.low && std::isinf(*pair.low)) || pair.high == 0) return "unbounded";
  if (!pair.low && !pair.high) return "unbounded";
  const auto bound = [](const std::optional<double>& value) {
    return value ? ratio_text(*value) : std::string("unbounded");
  };
  return bound(pair.low) + ".." + bound(pair.high);
}

std::string standing_text(const Pair& pair) {
  if (pair.ratio && std::isfinite(*pair.ratio) && *pair.ratio > 0) return ratio_text(*pair.ratio);
  return fmt::format("{}:{}", pair.a_ahead, pair.b_ahead);
}

std::string unfinished_text(const VariantFigures& variant, Metric metric) {
  if (!variant.figure || variant.figure->unfinished == 0) return "";
  const Spread& figure = *variant.figure;
  const std::string what = metric == Metric::goodput
                               ? "had no success"
                               : fmt::format("did not sell out within {:.4g} s", figure.limit);
  return fmt::format("{} of {} {}", figure.unfinished, figure.rounds, what);
}

std::string unfinished_text(const Pair& pair, Metric metric) {
  const char* what = metric == Metric::goodput ? "had no success" : "did not sell out";
  std::string text;
  for (const auto& [name, count] :
       {std::pair(pair.a, pair.a_unfinished), std::pair(pair.b, pair.b_unfinished)}) {
    if (count == 0) continue;
    text += text.empty() ? fmt::format("{} {} in {}", name, what, count)
                         : fmt::format(", {} in {}", name, count);
  }
  return text.empty() ? "" : fmt::format("{} of {}", text, counted_rounds(pair.rounds));
}

std::string missing_text(const VariantFigures& variant) {
  if (variant.without_figure == 0) return "";
  return fmt::format("{} of {} without a figure", variant.without_figure,
                     counted_rounds(variant.trials));
}

std::string unanswered_text(const VariantFigures& variant) {
  const double share = variant.outcomes.unanswered_share();
  if (share < k_unanswered_share) return "";
  return fmt::format(
      "{:.0f}% of its requests ended without an answer: its response times are of the others",
      100 * share);
}

std::string missing_text(const Pair& pair) {
  std::string text;
  for (const auto& [name, missing] :
       {std::pair(pair.a, pair.a_missing), std::pair(pair.b, pair.b_missing)}) {
    if (missing.without_figure == 0) continue;
    text += fmt::format("{}{}: {} of {} without a figure", text.empty() ? "" : ", ", name,
                        missing.without_figure, counted_rounds(missing.rounds));
  }
  const bool too_many = pair.a_missing.too_many() || pair.b_missing.too_many();
  return too_many ? text + ", more than a quarter: no conclusion" : text;
}

std::string ratio_text(double ratio) {
  if (std::isinf(ratio)) return "unbounded";
  return fmt::format("{}x", ratio < 100 ? fmt::format("{:.2f}", ratio) : short_figure(ratio));
}

std::string p_text(double p) {
  return p < 0.001 ? "<0.001" : fmt::format("{:.3f}", p);
}

MetricWords metric_words(Metric metric) {
  if (metric == Metric::goodput) return {"goodput", "successes/s", "higher is better"};
  return {"time to sell out", "s", "lower is better"};
}

std::string database_text(const DatabaseFacts& database) {
  const auto same = [](char a, char b) { return std::tolower(a) == std::tolower(b); };
  const auto at = std::search(database.version.begin(), database.version.end(),
                              database.engine.begin(), database.engine.end(), same);
  return at == database.version.end() ? database.engine + " " + database.version : database.version;
}

std::string sell_out_text(const Trial& trial) {
  if (const auto limit = trial.censored_at_s()) return above_text(*limit);
  return trial_figure(trial, trial.time_to_sell_out_s);
}

std::string trial_figure(const Trial& trial, const std::optional<double>& value) {
  return trial.shows_figures() && value ? short_figure(*value) : "-";
}

std::string load_text(const Trial& trial) {
  std::string text = counted(trial.connections, "connection");
  if (trial.offered_per_s) text += fmt::format(", {}/s", short_figure(*trial.offered_per_s));
  text += trial.open_loop ? ", open" : ", closed";
  return text + instances_text(trial.instances);
}

std::string load_text(const CellKey& key) {
  std::string text = counted(key.connections, "connection");
  if (key.offered_per_s) text += fmt::format(", {}/s offered", short_figure(*key.offered_per_s));
  return text + instances_text(key.instances);
}

std::string counted(std::int64_t number, const std::string& noun) {
  return thousands(number) + " " + noun + (number == 1 ? "" : "s");
}

}  // namespace boxoffice::reports
