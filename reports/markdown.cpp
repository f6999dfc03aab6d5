// Puts summary.md together. Sections that have nothing to say are left out.
#include "reports/markdown.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "reports/figures.hpp"
#include "reports/layout.hpp"
#include "reports/replay.hpp"
#include "reports/terminal.hpp"
#include "reports/trial_history.hpp"

namespace boxoffice::reports {
namespace {

constexpr std::size_t k_violating_trials_max = 4;
constexpr std::size_t k_violations_max = 3;
constexpr std::size_t k_rows_open = 12;  // longer tables are folded

/// A code block. What stands in it cannot end it: no line of it has three backticks.
std::string fence(const std::string& text) {
  std::string inside = text;
  std::replace(inside.begin(), inside.end(), '`', '\'');
  if (!inside.ends_with('\n')) inside += '\n';
  return "```text\n" + inside + "```\n";
}

std::string list(const std::vector<std::string>& items, std::string_view before = "") {
  std::string text;
  for (const std::string& item : items)
    text += fmt::format("- {}{}\n", before, markdown_text(item));
  return text.empty() ? "" : text + "\n";
}

/// A heading and its table; of a long one, only the heading is seen until it is opened.
std::string table_section(const std::string& title, const MarkdownTable& table) {
  if (table.rows() == 0) return "";
  if (table.rows() <= k_rows_open) return fmt::format("### {}\n\n{}\n", title, table.text());
  return fmt::format("<details><summary>{} ({} rows)</summary>\n\n{}\n</details>\n\n", title,
                     table.rows(), table.text());
}

std::string headline(const Run& run, const Summary& summary) {
  std::string text =
      fmt::format("## Box Office {}: {}\n\n{}\n\n", markdown_text(run.manifest.command),
                  headline_word(summary), headline_sentence(summary));
  text += list(summary.reasons);
  if (const std::string why = indicative_sentence(run, summary); !why.empty())
    text += fmt::format("Indicative: {}.\n\n", why);
  return text + list(summary.not_attempted, "not attempted: ") +
         list(summary.warnings, "warning: ");
}

std::string violation_text(const TrialHistory& stored, const properties::Violation& violation) {
  std::string text = fmt::format("**{}** event {}: {}\n\n", markdown_text(violation.invariant),
                                 violation.event_id, markdown_text(violation.message));
  if (!stored.why_not.empty())
    return text + fmt::format("No timeline: {}.\n\n", markdown_text(stored.why_not));
  const std::string drawn = timeline_text(contradiction(stored.history, violation));
  return drawn.empty() ? text : text + fence(drawn) + "\n";
}

/// Of a control one violation is proof enough.
std::string trial_violations(const Run& run, const Trial& trial) {
  std::string text =
      fmt::format("#### {}{} on {}, {}, {}, round {}\n\n", markdown_text(trial.variant),
                  trial.control ? " (control)" : "", markdown_text(trial.database),
                  markdown_text(trial.scenario), load_text(trial), trial.round);
  const TrialHistory stored = read_trial_history(run, trial);
  const std::size_t shown = std::min(trial.violations.size(), trial.control ? 1 : k_violations_max);
  for (std::size_t i = 0; i < shown; ++i) text += violation_text(stored, trial.violations[i]);
  if (shown < trial.violations.size())
    text +=
        fmt::format("and {} more described in verdict.json\n\n", trial.violations.size() - shown);
  return text + fmt::format("Judge it again:\n\n{}\n", fence(analyze_command(run, trial)));
}

/// Controls are told in their own table; they are drawn only where there is no bug to draw.
std::string violations_section(const Run& run) {
  std::vector<const Trial*> trials = violating_trials(run);
  std::erase_if(trials, [](const Trial* trial) { return trial->control; });
  if (trials.empty()) return "";
  std::string text = "### What was violated\n\n";
  const std::size_t shown = std::min(trials.size(), k_violating_trials_max);
  for (std::size_t i = 0; i < shown; ++i) text += trial_violations(run, *trials[i]);
  if (shown < trials.size())
    text +=
        fmt::format("and {} more trials, in the table of all trials\n\n", trials.size() - shown);
  return text;
}

std::string control_proofs(const Run& run) {
  std::string text;
  for (const Trial* trial : violating_trials(run)) {
    if (trial->caught() && !trial->superseded) text += trial_violations(run, *trial);
    if (!text.empty()) break;
  }
  if (text.empty()) return "";
  return "<details><summary>How a control was caught</summary>\n\n" + text + "</details>\n\n";
}

std::string controls_section(const Run& run, const Summary& summary) {
  MarkdownTable table({"control", "database", "scenario", "caught by", "requests"},
                      {false, false, false, false, true});
  for (const ControlResult& control : summary.controls) {
    table.add({markdown_text(control.variant), markdown_text(control.database),
               markdown_text(control.scenario),
               control.caught ? markdown_text(control.invariant) : "**NOT CAUGHT**",
               thousands(control.operations)});
  }
  return table_section("Controls: broken on purpose, each must be caught", table) +
         control_proofs(run);
}

std::string trials_section(const Run& run) {
  MarkdownTable table(
      {"#", "variant", "database", "scenario", "load", "round", "verdict", "goodput /s",
       "sold out in s", "p50 ms", "p99 ms", "tries"},
      {true, false, false, false, false, true, false, true, true, true, true, true});
  for (const Trial& t : run.trials) {
    std::string verdict(properties::name_of(t.verdict));
    if (const auto* shown = t.shown_violation()) verdict += " " + markdown_text(shown->invariant);
    if (t.superseded) verdict += ", ran again";
    if (t.disqualified && t.verdict == properties::Outcome::pass)
      verdict += ", the variant violated in another trial";
    table.add({fmt::format("{}", t.index),
               markdown_text(t.variant) + (t.control ? " (control)" : ""),
               markdown_text(t.database), markdown_text(t.scenario), load_text(t),
               fmt::format("{}", t.round), verdict, trial_figure(t, t.goodput_per_s),
               sell_out_text(t), trial_figure(t, t.response.p50), trial_figure(t, t.response.p99),
               trial_figure(t, t.attempts_per_success)});
  }
  return table_section("Trials", table);
}

/// A row a cell: who was ahead, and whether that is a result.
std::string leaders_section(const Summary& summary) {
  MarkdownTable table({"database", "scenario", "load", "metric", "best", "median", "range", ""},
                      {false, false, false, false, false, true, true, false});
  std::vector<std::string> notes;
  for (const Cell& cell : summary.cells) {
    const VariantFigures* best = leader(cell);
    const MetricWords metric = metric_words(cell.key.metric);
    for (const VariantFigures& variant : cell.variants) {
      for (const std::string& text : {unfinished_text(variant, cell.key.metric),
                                      unanswered_text(variant), missing_text(variant)}) {
        if (text.empty()) continue;
        notes.push_back(fmt::format("{} in {} on {}, {}: {}", variant.variant, cell.key.scenario,
                                    cell.key.database, load_text(cell.key), text));
      }
    }
    if (best == nullptr || cell.variants.size() < 2) continue;
    table.add({markdown_text(cell.key.database), markdown_text(cell.key.scenario),
               load_text(cell.key), fmt::format("{} ({})", metric.name, metric.unit),
               markdown_text(best->variant), median_text(*best->figure), range_text(*best->figure),
               winner(cell)         ? "**fastest**"
               : summary.indicative ? "indicative"
                                    : "not separated from every other"});
  }
  return table_section("Who was ahead", table) + list(notes);
}

std::string verdict_text(const Pair& pair) {
  switch (pair.conclusion) {
    case Conclusion::a_faster:
      return fmt::format("**{}** is faster", markdown_text(pair.a));
    case Conclusion::b_faster:
      return fmt::format("**{}** is faster", markdown_text(pair.b));
    case Conclusion::indicative:
      return "indicative";
    case Conclusion::not_separated:
      break;
  }
  return "not separated";
}

std::string conclusion_text(const Pair& pair, Metric metric) {
  std::string text = verdict_text(pair);
  if (const std::string unfinished = unfinished_text(pair, metric); !unfinished.empty()) {
    text += fmt::format(", ahead {}:{}; {}", pair.a_ahead, pair.b_ahead, markdown_text(unfinished));
  }
  if (const std::string missing = missing_text(pair); !missing.empty())
    text += "; " + markdown_text(missing);
  return text;
}

std::string pairs_section(const Summary& summary) {
  MarkdownTable table({"database", "scenario", "load", "metric", "a", "b", "a / b", "interval",
                       "rounds", "p (Holm)", "conclusion"},
                      {false, false, false, false, false, false, true, true, true, true, false});
  for (const Cell& cell : summary.cells) {
    for (const Pair& pair : cell.pairs) {
      table.add({markdown_text(cell.key.database), markdown_text(cell.key.scenario),
                 load_text(cell.key), metric_words(cell.key.metric).name, markdown_text(pair.a),
                 markdown_text(pair.b), ratio_text(pair), interval_text(pair),
                 fmt::format("{}", pair.rounds), p_text(pair.p_holm),
                 conclusion_text(pair, cell.key.metric)});
    }
  }
  return table_section("Pairs", table);
}

std::string setup_section(const Run& run) {
  const Manifest& manifest = run.manifest;
  std::string text;
  const std::string replay = replay_command(manifest);
  if (!replay.empty()) text += fmt::format("Replay:\n\n{}\n", fence(cleaned(replay)));
  std::vector<std::string> facts;
  for (const DatabaseFacts& database : manifest.databases) {
    facts.push_back(fmt::format("{}, durability {}, storage {}, {}", database_text(database),
                                database.durability, database.storage, database.isolation));
  }
  facts.push_back(fmt::format("seed {}, commit {}, {} build, {}, {}", manifest.seed,
                              manifest.git_commit, manifest.build_type,
                              counted(manifest.host.cores, "core"), manifest.host.cpu));
  facts.push_back("run " + manifest.run_id);
  return text + list(facts);
}

}  // namespace

std::string markdown_text(const std::string& text) {
  constexpr std::string_view k_markup = "\\`*[]|<>~#&!";
  std::string out;
  for (const char c : cleaned(text)) {
    if (k_markup.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

MarkdownTable::MarkdownTable(const std::vector<std::string>& header,
                             const std::vector<bool>& numeric) {
  add(header);
  rows_ = 0;
  for (const bool right : numeric) lines_ += right ? "|--:" : "|---";
  lines_ += "|\n";
}

void MarkdownTable::add(const std::vector<std::string>& cells) {
  for (const std::string& cell : cells) lines_ += "| " + cell + " ";
  lines_ += "|\n";
  ++rows_;
}

std::string summary_markdown(const Run& run, const Summary& summary) {
  std::string text = headline(run, summary);
  text += violations_section(run);
  text += list(self_texts(summary.self), "noise: ");
  text += leaders_section(summary);
  text += pairs_section(summary);
  text += controls_section(run, summary);
  text += trials_section(run);
  return text + setup_section(run);
}

}  // namespace boxoffice::reports
