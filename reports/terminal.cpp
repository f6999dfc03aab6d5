// The summary as text. A row a variant; a variant whose trials did not pass shows its verdict where
// its figures were.
#include "reports/terminal.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "reports/engines.hpp"
#include "reports/figures.hpp"
#include "reports/scenarios.hpp"

namespace boxoffice::reports {
namespace {

using properties::Outcome;

Ink verdict_ink(const Summary& summary) {
  if (summary.exit_code == 0) return Ink::green;
  return summary.exit_code == 10 || summary.exit_code == 70 ? Ink::red : Ink::yellow;
}

std::string paragraph(const std::string& text, const TerminalOptions& options, std::size_t indent) {
  return wrapped(cleaned(text), options.columns, indent) + "\n";
}

std::string headline(const Run& run, const Summary& summary, const TerminalOptions& options) {
  const std::string word = headline_word(summary);
  std::string text = wrapped(word + "  " + headline_sentence(summary), options.columns, 6);
  text = inked(word, verdict_ink(summary), options) + text.substr(word.size()) + "\n";
  for (const std::string& reason : summary.reasons) {
    text += paragraph("      " + reason, options, 6);
  }
  for (const std::string& gap : summary.not_attempted)
    text += paragraph("      not attempted: " + gap, options, 6);
  if (const std::string why = indicative_sentence(run, summary); !why.empty())
    text += paragraph("      indicative: " + why, options, 6);
  return text;
}

/// "0.80x slower", "0:12 slower", "best", ...: the variant's standing against the cell's leader.
std::string standing(const Cell& cell, const VariantFigures& variant) {
  const VariantFigures* best = leader(cell);
  if (best == nullptr) return "nobody finished";
  if (best == &variant) return winner(cell) == &variant ? "fastest" : "best median";
  const auto pair = versus(cell, variant.variant, best->variant);
  if (!pair || pair->rounds == 0) return "no pair";
  const auto word = [&] {
    switch (pair->conclusion) {
      case Conclusion::a_faster:
        return "faster";
      case Conclusion::b_faster:
        return "slower";
      case Conclusion::indicative:
        return "indic.";
      case Conclusion::not_separated:
        break;
    }
    return "not sep.";
  }();
  return standing_text(*pair) + " " + word;
}

std::vector<std::string> variant_row(const Cell& cell, const VariantFigures& variant) {
  const std::string name = cleaned(variant.variant);
  if (!variant.figure) {
    const std::string verdict(properties::name_of(variant.verdict));
    if (variant.verdict == Outcome::pass) return {name, "pass, but no valid figure"};
    return {name, fmt::format("{}: no figure is shown", verdict)};
  }
  const auto attempts = variant.attempts_per_success;
  return {name,
          median_text(*variant.figure),
          range_text(*variant.figure),
          figure_or_dash(variant.p99_ms),
          attempts ? fmt::format("{:.2f}", attempts->median) : "-",
          standing(cell, variant),
          std::string(properties::name_of(variant.verdict))};
}

/// The leader's figure as a share of what its engine does alone: what engines can be compared by.
std::string share_text(const Manifest& manifest, const Cell& cell, const TerminalOptions& options) {
  const VariantFigures* best = leader(cell);
  const auto alone = best_reference(manifest, cell.key.database);
  const auto share = best ? share_of_alone(manifest, cell, *best) : std::nullopt;
  if (!share) return "";
  return paragraph(fmt::format("  {}: {} of {} alone ({}/s, {}, {})", best->variant,
                               ratio_text(*share), cell.key.database, short_figure(alone->per_s),
                               alone->name, counted(alone->clients, "client")),
                   options, 4);
}

std::string cell_text(const Manifest& manifest, const Cell& cell, const TerminalOptions& options) {
  const bool several = manifest.databases.size() > 1;
  const MetricWords metric = metric_words(cell.key.metric);
  const std::string offered =
      cell.key.offered_per_s ? fmt::format(", offered {}/s", short_figure(*cell.key.offered_per_s))
                             : std::string();
  // The database goes without saying where there is one: it stands below.
  const std::string database = several ? " on " + cell.key.database : "";
  std::string text = paragraph(fmt::format("{}, {}{}{}: {} in {} ({})", cell.key.scenario,
                                           counted(cell.key.connections, "connection"), offered,
                                           database, metric.name, metric.unit, metric.direction),
                               options, 2);
  Table table({false, true, true, true, true, false, false});
  table.add({"variant", "median", "range", "p99 ms", "tries", "against best", "verdict"});
  for (const VariantFigures& variant : cell.variants) table.add(variant_row(cell, variant));
  text += table.text(options.columns, 2);
  for (const VariantFigures& variant : cell.variants) {
    const std::string unfinished = unfinished_text(variant, cell.key.metric);
    if (!unfinished.empty())
      text += paragraph(fmt::format("  {}: {}", variant.variant, unfinished), options, 4);
    const std::string unanswered = variant.p99_ms ? unanswered_text(variant) : "";
    if (!unanswered.empty())
      text += paragraph(fmt::format("  {}: {}", variant.variant, unanswered), options, 4);
    const std::string missing = variant.figure ? missing_text(variant) : "";
    if (missing.empty()) continue;
    const bool too_many = variant.missing().too_many();
    text += paragraph(fmt::format("  {}: {}{}", variant.variant, missing,
                                  too_many ? ", too many to be held against the others" : ""),
                      options, 4);
  }
  if (several) text += share_text(manifest, cell, options);
  return text;
}

std::string legend(const Run& run, const Summary& summary, const TerminalOptions& options) {
  std::string text = "tries: attempts per success; p99: response time, median of the rounds; ";
  if (!summary.no_winner_why.empty()) {
    text += "indic.: indicative, the run as a whole concludes nothing";
  } else if (summary.indicative) {
    text += fmt::format("indic.: indicative, {} only", counted(run.manifest.rounds, "round"));
  } else {
    text += "not sep.: not separated by an exact sign test at 5% after Holm's correction";
  }
  const bool unfinished = std::ranges::any_of(summary.cells, [](const Cell& cell) {
    return std::ranges::any_of(
        cell.pairs, [](const Pair& pair) { return pair.a_unfinished + pair.b_unfinished > 0; });
  });
  if (unfinished)
    text += "; a round is lost to who did not finish; 8:4: rounds ahead and behind, no ratio";
  return paragraph(text, options, 2);
}

/// First what was missed: a run that catches nothing proves nothing.
std::string controls_text(const Summary& summary, bool several, const TerminalOptions& options) {
  std::string text;
  for (const ControlResult& control : summary.controls) {
    if (control.caught) continue;
    const std::string who = control.variant + (several ? " on " + control.database : "");
    text += paragraph(fmt::format("control {}: NOT CAUGHT in {}: the oracle proves nothing here",
                                  who, counted(control.operations, "operation")),
                      options, 2);
  }
  for (const std::string& caught : caught_controls(summary, several))
    text += paragraph(caught, options, 2);
  return text;
}

/// A line a tool and strategy: "the database alone on one event, pgbench, atomic: 1,640/s with 1
/// client, ...".
std::string reference_text(const Manifest& manifest, const TerminalOptions& options) {
  std::string text;
  for (const ReferenceLines& reference : references_of(manifest)) {
    const std::string who =
        manifest.databases.size() > 1 ? reference.database + " alone" : "the database alone";
    text += paragraph(fmt::format("{} on one event, {}, {}: {}", who, reference.tool,
                                  reference.strategy, rates_text(reference)),
                      options, 2);
  }
  if (manifest.databases.size() > 1) text += paragraph(k_engines_note, options, 2);
  return text;
}

std::string setup_text(const Manifest& manifest, const TerminalOptions& options) {
  std::string text;
  for (const DatabaseFacts& database : manifest.databases) {
    text += paragraph(fmt::format("{}, durability {}, storage {}, {}", database_text(database),
                                  database.durability, database.storage, database.isolation),
                      options, 2);
  }
  text += reference_text(manifest, options);
  return text + paragraph(fmt::format("seed {}, commit {}, {} build, {}, {}", manifest.seed,
                                      manifest.git_commit, manifest.build_type,
                                      counted(manifest.host.cores, "core"), manifest.host.cpu),
                          options, 2);
}

}  // namespace

std::string inked(const std::string& text, Ink ink, const TerminalOptions& options) {
  if (!options.colour) return text;
  const int code = ink == Ink::green ? 32 : ink == Ink::red ? 31 : ink == Ink::yellow ? 33 : 1;
  return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
}

std::string summary_terminal(const Run& run, const Summary& summary, const std::string& report_path,
                             const TerminalOptions& options) {
  std::string text = headline(run, summary, options) + "\n";
  const auto databases = databases_of(summary.cells);
  for (const std::string& database : databases) {
    for (const ScenarioFacts& scenario : scenarios_by_contention(run, summary.cells)) {
      for (const Cell* cell : cells_of(summary.cells, database, scenario.name)) {
        text += cell_text(run.manifest, *cell, options) + "\n";
      }
    }
  }
  for (const std::string& line : self_texts(summary.self))
    text += paragraph("noise: " + line, options, 2);
  if (!summary.cells.empty()) text += legend(run, summary, options);
  text += controls_text(summary, run.manifest.databases.size() > 1, options);
  text += setup_text(run.manifest, options);
  for (const std::string& warning : summary.warnings) {
    const std::string line = paragraph("warning: " + warning, options, 9);
    text += inked("warning", Ink::yellow, options) + line.substr(7);
  }
  if (!report_path.empty()) text += "report: " + report_path + "\n";
  return text;
}

}  // namespace boxoffice::reports
