// See engines.hpp.
#include "reports/engines.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "reports/figures.hpp"

namespace boxoffice::reports {

std::string engine_name(const Manifest& manifest, const std::string& database) {
  for (const DatabaseFacts& facts : manifest.databases) {
    if (facts.engine == database) return database_text(facts);
  }
  return database;
}

const ReferenceLine& ReferenceLines::best() const {
  const std::int64_t most = std::ranges::max(lines, {}, &ReferenceLine::rounds).rounds;
  const auto rank = [most](const ReferenceLine& line) {
    return std::pair(line.rounds == most, line.per_s);
  };
  return *std::ranges::max_element(lines, {}, rank);
}

std::vector<ReferenceLines> references_of(const Manifest& manifest) {
  std::vector<ReferenceLines> references;
  const std::string only = manifest.databases.size() == 1 ? manifest.databases[0].engine : "";
  for (const ReferenceLine& line : manifest.reference) {
    const std::string& database = line.database.empty() ? only : line.database;
    auto found = std::ranges::find_if(references, [&](const ReferenceLines& known) {
      return known.tool == line.name && known.database == database &&
             known.strategy == line.strategy;
    });
    if (found == references.end())
      found = references.insert(found, {line.name, database, line.strategy, {}});
    found->lines.push_back(line);
  }
  for (ReferenceLines& reference : references)
    std::ranges::stable_sort(reference.lines, {}, &ReferenceLine::clients);
  return references;
}

std::optional<ReferenceLine> best_reference(const Manifest& manifest, const std::string& database) {
  std::optional<ReferenceLine> best;
  for (const ReferenceLines& reference : references_of(manifest)) {
    if (reference.database != database) continue;
    if (!best || reference.best().per_s > best->per_s) best = reference.best();
  }
  return best;
}

std::optional<double> share_of_alone(const Manifest& manifest, const Cell& cell,
                                     const VariantFigures& variant) {
  const auto like_the_line = [&](const ScenarioFacts& scenario) {
    return scenario.name == cell.key.scenario && scenario.events == 1 && scenario.only_reserves();
  };
  // What was offered on a schedule is no figure of what can be done.
  if (cell.key.metric != Metric::goodput || cell.key.offered_per_s || !variant.figure ||
      std::ranges::none_of(manifest.scenarios, like_the_line))
    return std::nullopt;
  const auto alone = best_reference(manifest, cell.key.database);
  if (!alone || alone->per_s <= 0) return std::nullopt;
  return variant.figure->median / alone->per_s;
}

std::string rates_text(const ReferenceLines& reference) {
  std::string text;
  for (const ReferenceLine& line : reference.lines) {
    text += fmt::format("{}{}/s with {}", text.empty() ? "" : ", ", short_figure(line.per_s),
                        counted(line.clients, "client"));
    if (line.rounds > 1)
      text += fmt::format(" ({}..{} in {} rounds)", short_figure(line.low_per_s),
                          short_figure(line.high_per_s), line.rounds);
  }
  return text;
}

}  // namespace boxoffice::reports
