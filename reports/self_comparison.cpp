// See self_comparison.hpp.
#include "reports/self_comparison.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "reports/figures.hpp"
#include "reports/log_ratios.hpp"

namespace boxoffice::reports {
namespace {

using Figures = std::map<std::int64_t, VariantFigures>;  // by number of the repetition

std::string conclusion_text(const SelfComparison& each) {
  if (each.pair.conclusion == Conclusion::indicative) {
    if (each.pair.rounds >= k_rounds_min) return "indicative";  // the run as a whole is
    return fmt::format("indicative, {} of the {} rounds that separate", each.pair.rounds,
                       k_rounds_min);
  }
  return each.separated() ? "separated" : "not separated";
}

std::string single_text(const SelfComparison& each) {
  if (each.pair.rounds == 0) return "no round has both figures";
  const std::string missing = missing_text(each.pair);
  const std::string end = missing.empty() ? "" : "; " + missing;
  if (const auto text = unfinished_text(each.pair, each.key.metric); !text.empty())
    return fmt::format("ahead {}:{}, {}; {}{}", each.pair.a_ahead, each.pair.b_ahead,
                       conclusion_text(each), text, end);
  const std::string interval =
      each.pair.low && each.pair.high
          ? fmt::format(" [{:.3f}x..{:.3f}x]", *each.pair.low, *each.pair.high)
          : std::string();
  return fmt::format("{:.3f}x{}, {}{}", *each.pair.ratio, interval, conclusion_text(each), end);
}

std::string several_text(const std::vector<SelfComparison>& group) {
  std::vector<double> ratios;
  int unbounded = 0;
  for (const SelfComparison& each : group) {
    if (each.pair.rounds == 0) continue;
    const bool bounded = each.pair.ratio && !is_censored(*each.pair.ratio);
    unbounded += bounded ? 0 : 1;
    if (bounded) ratios.push_back(*each.pair.ratio);
  }
  const auto separated = std::ranges::count_if(group, &SelfComparison::separated);
  const auto undecided = std::ranges::count_if(group, [](const SelfComparison& each) {
    return each.pair.conclusion == Conclusion::indicative;
  });
  std::string text =
      fmt::format("{} of {} separated ({:.1f}%)", separated, group.size(),
                  100.0 * static_cast<double>(separated) / static_cast<double>(group.size()));
  if (undecided > 0) text += fmt::format(", {} indicative", undecided);
  if (unbounded > 0) text += fmt::format(", {} without a bounded ratio", unbounded);
  if (const auto range = spread(ratios)) {
    text += fmt::format(", ratios {:.3f}x..{:.3f}x, median {:.3f}x", range->min, range->max,
                        range->median);
  }
  return text;
}

}  // namespace

bool SelfComparison::separated() const {
  return pair.conclusion == Conclusion::a_faster || pair.conclusion == Conclusion::b_faster;
}

std::vector<SelfComparison> self_comparisons(const Run& run) {
  const std::int64_t rounds = std::max<std::int64_t>(
      1, run.manifest.self_rounds > 0 ? run.manifest.self_rounds : run.manifest.rounds);
  std::map<CellKey, std::map<std::string, Figures>> figures;
  std::map<std::pair<CellKey, std::string>, std::pair<std::string, double>> twins;
  for (const Trial& trial : run.trials) {
    if (trial.control || trial.superseded) continue;
    VariantFigures& of = figures[key_of(trial)][trial.variant][(trial.round - 1) / rounds + 1];
    of.variant = trial.variant;
    ++of.trials;
    const auto figure = trial.figure();
    if (figure) of.by_round[trial.round] = *figure;
    if (!figure) ++of.without_figure;
    if (!trial.twin_of.empty())
      twins[{key_of(trial), trial.variant}] = {trial.twin_of, trial.planted};
  }
  std::vector<SelfComparison> comparisons;
  for (const auto& [at, what] : twins) {
    const auto& [key, twin] = at;
    const auto& [variant, planted] = what;
    const auto& plain = figures[key][variant];
    for (const auto& [number, twin_figures] : figures[key][twin]) {
      const auto found = plain.find(number);
      if (found == plain.end()) continue;
      comparisons.push_back(
          {key, number, planted, compare_alone(found->second, twin_figures, key.metric)});
    }
  }
  return comparisons;
}

std::vector<std::string> self_texts(const std::vector<SelfComparison>& comparisons) {
  std::map<std::tuple<CellKey, std::string, std::string>, std::vector<SelfComparison>> groups;
  for (const SelfComparison& each : comparisons)
    groups[{each.key, each.pair.a, each.pair.b}].push_back(each);
  std::vector<std::string> texts;
  for (const auto& [of, group] : groups) {
    const SelfComparison& first = group.front();
    const std::string planted =
        first.planted > 0 ? fmt::format(" with a planted slowdown of {:.4g}%", 100 * first.planted)
                          : std::string();
    texts.push_back(fmt::format("{} against itself{} in {}, {}: {}", first.pair.a, planted,
                                first.key.scenario, load_text(first.key),
                                group.size() == 1 ? single_text(first) : several_text(group)));
  }
  return texts;
}

}  // namespace boxoffice::reports
