// The seed's lists "what scales" and "what doesn't scale", measured: does more of something give
// more goodput?
//
// Two cells of a variant are held against each other round by round, as variants are: fewest
// connections against most, one event against many, one server against several. What this run did
// not vary (logins, or whatever its flags left out) is said to be not measured, and never guessed.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "reports/figures.hpp"
#include "reports/log_ratios.hpp"
#include "reports/scenarios.hpp"
#include "reports/seed_evidence.hpp"
#include "reports/seed_table.hpp"

namespace boxoffice::reports {
namespace {

constexpr double k_grows_ratio = 1.25;
constexpr const char* k_not_measured = "no figure in this run";

/// A variant's figures in two cells, from the smaller load to the larger.
struct Growth {
  const Cell *from = nullptr, *to = nullptr;
};

/// Cells of a closed loop whose goodput counts, by rising connections.
std::vector<const Cell*> goodput_cells(const Summary& summary, const std::string& database,
                                       const std::string& scenario) {
  auto cells = cells_of(summary.cells, database, scenario);
  std::erase_if(cells, [](const Cell* cell) {
    return cell->key.metric != Metric::goodput || cell->key.offered_per_s;
  });
  return cells;
}

/// From the fewest connections to the most, of those that `beside` was measured at as well where
/// there is such a scenario. A load that begins where nothing grows any more does not show whether
/// less would have: what grows and what does not are told apart over the same loads only.
Growth over_connections(const Summary& summary, const std::string& database,
                        const std::string& scenario, const std::string& beside) {
  auto cells = goodput_cells(summary, database, scenario);
  const auto others = goodput_cells(summary, database, beside);
  if (!others.empty()) {
    std::erase_if(cells, [&others](const Cell* cell) {
      return std::ranges::find(others, cell->key.connections, [](const Cell* other) {
               return other->key.connections;
             }) == others.end();
    });
  }
  return cells.size() < 2 ? Growth() : Growth{cells.front(), cells.back()};
}

/// From one event to many, at the most connections that both were measured at.
Growth over_events(const Summary& summary, const std::string& database, const std::string& one,
                   const std::string& many) {
  Growth growth;
  for (const Cell* few : goodput_cells(summary, database, one)) {
    for (const Cell* more : goodput_cells(summary, database, many)) {
      if (few->key.connections == more->key.connections) growth = {few, more};
    }
  }
  return growth;
}

/// From one server to the most, in the same cell else.
Growth over_instances(const Summary& summary, const std::string& database) {
  Growth growth;
  for (const Cell& more : summary.cells_on_more_servers) {
    if (more.key.database != database || more.key.metric != Metric::goodput) continue;
    if (growth.to && growth.to->key.instances >= more.key.instances) continue;
    for (const Cell* one : goodput_cells(summary, database, more.key.scenario)) {
      if (one->key.connections == more.key.connections) growth = {one, &more};
    }
  }
  return growth;
}

/// "many-events at 64 connections", with "on 2 instances" where that is what was varied.
std::string place_of(const Cell& cell, bool with_instances) {
  return fmt::format("{} at {}{}", cell.key.scenario, counted(cell.key.connections, "connection"),
                     with_instances ? " on " + counted(cell.key.instances, "instance") : "");
}

SeedCell grown(const Growth& growth, const std::string& strategy, bool claims_growth,
               bool indicative) {
  SeedCell cell;
  const VariantFigures* from = growth.from ? seed_figures(*growth.from, strategy) : nullptr;
  const VariantFigures* to = growth.to ? seed_figures(*growth.to, strategy) : nullptr;
  if (!from || !to) return cell;
  std::vector<double> ratios;
  std::int64_t unknown = 0;  // rounds without a success in either: they say nothing of a growth
  for (const auto& [round, figure] : to->by_round) {
    const auto before = from->by_round.find(round);
    if (before == from->by_round.end()) continue;
    const auto log = log_ratio(figure, before->second);
    unknown += log ? 0 : 1;
    if (log) ratios.push_back(std::exp(*log));
  }
  const auto ratio = spread(ratios);
  if (!ratio) return cell;
  const bool servers = growth.from->key.instances != growth.to->key.instances;
  cell.measured = fmt::format("{} ({} to {}): {}/s in {}, {}/s in {}", ratio_text(ratio->median),
                              ratio_text(ratio->min), ratio_text(ratio->max),
                              short_figure(from->figure->median), place_of(*growth.from, servers),
                              short_figure(to->figure->median), place_of(*growth.to, servers));
  if (unknown > 0)
    cell.measured += fmt::format("; {} without a success in either", counted(unknown, "round"));
  bool open = unknown > 0;
  for (const auto& [at, figures] : {std::pair(growth.from, from), std::pair(growth.to, to)}) {
    const std::string missing = missing_text(*figures);
    if (!missing.empty())
      cell.measured += fmt::format("; {} in {}", missing, place_of(*at, servers));
    open |= figures->missing().too_many();
  }
  if (open && !indicative) {
    cell.judgement = Judgement::not_separated;
  } else if (indicative || ratio->rounds < k_rounds_min) {
    cell.judgement = Judgement::indicative;
  } else if (ratio->min >= k_grows_ratio) {
    cell.judgement = claims_growth ? Judgement::confirms : Judgement::refutes;
  } else if (ratio->max < k_grows_ratio && !servers) {
    cell.judgement = claims_growth ? Judgement::refutes : Judgement::confirms;
  } else {
    cell.judgement = Judgement::not_separated;  // see servers_rule() as well
  }
  return cell;
}

SeedRow row(std::string aspect, std::string rule, const Growth& growth, bool claims_growth,
            const Summary& summary) {
  SeedRow result{std::move(aspect), std::move(rule), {}};
  for (const char* strategy : k_seed_strategies) {
    SeedCell cell = grown(growth, strategy, claims_growth, summary.indicative);
    cell.strategy = strategy;
    cell.claim = claims_growth ? "Scales" : "Doesn't scale";
    if (cell.measured.empty()) cell.measured = k_not_measured;
    result.cells.push_back(std::move(cell));
  }
  return result;
}

/// The most contended scenario of one event, the least contended of several, and that of reads;
/// empty where there is none.
struct Extremes {
  std::string one, many, reads;
};

Extremes extremes_of(const Run& run, const Summary& summary, const std::string& database) {
  Extremes extremes;
  for (const ScenarioFacts& scenario : scenarios_by_contention(run, summary.cells)) {
    if (is_reads_scenario(scenario.name)) extremes.reads = scenario.name;
    const bool counts = !is_seed_scenario(scenario.name) && !is_reads_scenario(scenario.name) &&
                        !goodput_cells(summary, database, scenario.name).empty();
    if (!counts) continue;
    if (scenario.events == 1) extremes.one = scenario.name;
    if (scenario.events > 1 && extremes.many.empty()) extremes.many = scenario.name;
  }
  return extremes;
}

/// Servers that share the processors of one machine cannot show what machines of their own would.
std::string servers_rule(const Run& run) {
  return fmt::format(
      "Goodput from one server to several on one database, at the same connections, which ask them "
      "in turn. They share the {} of this machine with the database and the generator: a second "
      "server brings no processor of its own here, so growth would come from what one process "
      "alone held back. None is left open: it does not say that servers on machines of their own "
      "would not scale.",
      counted(run.manifest.host.cores, "core"));
}

}  // namespace

std::vector<SeedRow> seed_scaling(const Run& run, const Summary& summary,
                                  const std::string& database) {
  const Extremes found = extremes_of(run, summary, database);
  return {
      row("Read operations (event listings)",
          "Goodput of reads alone, from the fewest connections to the most that the writes were "
          "measured at as well.",
          over_connections(summary, database, found.reads, found.one), true, summary),
      row("Write operations to the same event",
          "Goodput on one event, from the fewest connections to the most that the reads were "
          "measured at as well, where there are any.",
          over_connections(summary, database, found.one, found.reads), false, summary),
      row("Transaction processing (serialized)",
          "Goodput from one event to many, at the same connections: what is serialized does "
          "not grow.",
          over_events(summary, database, found.one, found.many), false, summary),
      row("Application servers", servers_rule(run), over_instances(summary, database), true,
          summary),
      row("User authentication", "No trial logs in: this is not measured here.", {}, true,
          summary)};
}

std::string seed_scaling_rule() {
  return fmt::format(
      "It scales where the goodput grew to at least {} of what it was in every round, and does not "
      "where it did in none; what lies between is not separated, nor what has no figure in more "
      "than a "
      "quarter of its rounds. All of it on one machine, whose "
      "cores the server, the database and the generator share.",
      ratio_text(k_grows_ratio));
}

}  // namespace boxoffice::reports
