// See gate_limits.hpp.
#include "reports/gate_limits.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "reports/engines.hpp"
#include "reports/figures.hpp"
#include "reports/summary.hpp"

namespace boxoffice::reports {
namespace {

/// A cell and a variant: what a row is about.
using CellVariant = std::pair<CellKey, std::string>;

std::map<CellVariant, const Trial*> first_trials(const Run& run) {
  std::map<CellVariant, const Trial*> first;
  for (const Trial& trial : run.trials) {
    if (!trial.control && !trial.superseded)
      first.try_emplace({key_of(trial), trial.variant}, &trial);
  }
  return first;
}

std::string why_not_asked(const CellKey& key, bool in_base,
                          const std::vector<GateThreshold>& thresholds) {
  if (!in_base) return "BASE has no trial of it";
  const bool any = std::ranges::any_of(thresholds, [&key](const GateThreshold& threshold) {
    return applies(threshold.metric, key.metric);
  });
  if (!any) return fmt::format("no threshold is about its {}", metric_name(key.metric));
  return "BASE has no figure of it that RUN could lose";
}

/// How a trial was run, beside what is in its cell and in the manifest.
NamedTexts trial_settings(const Trial& trial) {
  const auto seconds = [](double s) { return fmt::format("{:g} s", s); };
  return {{"threads", std::to_string(trial.threads)},
          {"pool", std::to_string(trial.pool)},
          {"isolation", trial.isolation},
          {"hold", seconds(static_cast<double>(trial.hold_ms) / 1000)},
          {"warm-up", seconds(trial.warmup_s)},
          {"duration", seconds(trial.duration_s)},
          {"loop", trial.open_loop ? "open" : "closed"},
          {"admission", std::to_string(trial.event_concurrency)}};
}

/// What one setting is in the two runs, and in which cells it differs.
struct Difference {
  std::string base, run;
  std::set<CellKey> cells;
};
using Differences =
    std::vector<std::pair<std::string, Difference>>;  // in the order of the settings

void note_differences(const NamedTexts& base, const NamedTexts& run, const CellKey& key,
                      Differences& differences) {
  for (const auto& [name, text] : base) {
    const auto other = std::ranges::find(run, name, [](const auto& item) { return item.first; });
    if (other == run.end() || other->second == text) continue;  // an older run does not say
    auto known = std::ranges::find(differences, name, [](const auto& item) { return item.first; });
    if (known == differences.end())
      known = differences.insert(known, {name, {text, other->second, {}}});
    known->second.cells.insert(key);
  }
}

std::string in_cells(const Difference& difference, std::size_t cells) {
  if (difference.cells.size() == cells) return {};
  const std::string first = cell_name(*difference.cells.begin());
  if (difference.cells.size() == 1) return fmt::format(" ({})", first);
  return fmt::format(" ({}, and {} more of {} cells)", first, difference.cells.size() - 1, cells);
}

/// Above the noise of a reference line's median; a line of one round has none to speak of.
constexpr double k_reference_change_max = 0.05;

/// The line has the same statements in both runs, and nothing of the program in it: where it moved,
/// the machine did.
void add_references_difference(const Manifest& base, const Manifest& run,
                               std::vector<std::string>& sentences) {
  for (const DatabaseFacts& facts : base.databases) {
    const auto a = best_reference(base, facts.engine), b = best_reference(run, facts.engine);
    if (!a || !b || a->rounds < 2 || b->rounds < 2 || a->per_s <= 0 ||
        std::abs(b->per_s / a->per_s - 1) <= k_reference_change_max)
      continue;
    sentences.push_back(fmt::format(
        "the machine was not as fast in both runs: {} alone {}/s, {}/s on {}: what changed by as "
        "much may be no change of the program",
        a->name, short_figure(a->per_s), short_figure(b->per_s), facts.engine));
  }
}

void add_warnings(const char* name, const Manifest& manifest, std::vector<std::string>& sentences) {
  for (const std::string& warning : manifest.warnings)
    sentences.push_back(fmt::format("{}: {}", name, warning));
}

/// A line a setting; what the scenarios of one name differ in is a line together.
void add_trials_differences(const Run& base, const Run& run, std::vector<std::string>& sentences) {
  Differences settings;
  std::map<std::string, Differences> scenarios;
  std::set<CellKey> cells;
  const auto others = first_trials(run);
  for (const auto& [place, trial] : first_trials(base)) {
    const auto other = others.find(place);
    if (other == others.end()) continue;
    cells.insert(place.first);
    note_differences(trial_settings(*trial), trial_settings(*other->second), place.first, settings);
    note_differences(trial->scenario_settings, other->second->scenario_settings, place.first,
                     scenarios[trial->scenario]);
  }
  for (const auto& [name, difference] : settings) {
    sentences.push_back(fmt::format("the runs differ in {}: {}, {}{}", name, difference.base,
                                    difference.run, in_cells(difference, cells.size())));
  }
  for (const auto& [scenario, differences] : scenarios) {
    std::vector<std::string> texts;
    for (const auto& [name, difference] : differences)
      texts.push_back(fmt::format("{} {}, {}", name, difference.base, difference.run));
    if (texts.empty()) continue;
    sentences.push_back(fmt::format("the runs differ in what the scenario {} is: {}", scenario,
                                    fmt::join(texts, "; ")));
  }
}

}  // namespace

std::vector<std::string> why_no_basis(const Run& base, const Run& run) {
  std::vector<std::string> reasons;
  for (const auto& [name, manifest] :
       {std::pair("BASE", &base.manifest), std::pair("RUN", &run.manifest)}) {
    if (!manifest->harness_error.empty())
      reasons.push_back(fmt::format("the harness of {} failed: {}", name, manifest->harness_error));
    else if (!manifest->broke_off.empty())
      reasons.push_back(fmt::format("{} broke off: {}", name, manifest->broke_off));
    else if (manifest->interrupted)
      reasons.push_back(fmt::format("{} was interrupted", name));
    else if (!manifest->finished_at)
      reasons.push_back(fmt::format("{} was not finished", name));
  }
  return reasons;
}

std::vector<GateGap> gaps_of(const Run& base, const Run& run,
                             const std::vector<GateThreshold>& thresholds,
                             const std::vector<GateRow>& rows) {
  std::set<CellVariant> asked;
  for (const GateRow& row : rows) asked.insert({row.key, row.variant});
  const auto in_base = first_trials(base);
  auto all = in_base;
  all.merge(first_trials(run));
  std::vector<GateGap> gaps;
  for (const auto& [place, trial] : all) {
    if (asked.contains(place)) continue;
    const std::string why = why_not_asked(place.first, in_base.contains(place), thresholds);
    const auto same = std::ranges::find_if(gaps, [&, &key = place.first](const GateGap& gap) {
      return gap.key == key && gap.why == why;
    });
    if (same == gaps.end())
      gaps.push_back({place.first, {place.second}, why});
    else
      same->variants.push_back(place.second);
  }
  return gaps;
}

std::string conditions_of(const Manifest& manifest) {
  std::string text;
  for (const DatabaseFacts& facts : manifest.databases) {
    text += fmt::format("{}{}, durability {}, storage {}, {}", text.empty() ? "" : "; ",
                        database_text(facts), facts.durability, facts.storage, facts.isolation);
  }
  return text + fmt::format("; commit {}, {} build", manifest.git_commit, manifest.build_type);
}

std::vector<std::string> differences_of(const Run& base, const Run& run) {
  std::vector<std::string> sentences;
  const auto differ = [&sentences](const std::string& what, const std::string& a,
                                   const std::string& b) {
    if (a != b) sentences.push_back(fmt::format("the runs differ in {}: {}, {}", what, a, b));
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
  add_references_difference(a, b, sentences);
  add_trials_differences(base, run, sentences);
  add_warnings("BASE", a, sentences);
  add_warnings("RUN", b, sentences);
  const properties::Outcome verdict = summarize(base).verdict;
  if (verdict != properties::Outcome::pass)
    sentences.push_back(fmt::format("BASE itself did not pass: {}; what passed in it is compared",
                                    properties::name_of(verdict)));
  return sentences;
}

}  // namespace boxoffice::reports
