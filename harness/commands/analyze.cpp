// boxoffice analyze RUN: judges stored histories again, offline, with the oracle of this program.
// Nothing is changed.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <utility>

#include "harness/commands/commands.hpp"
#include "harness/failure.hpp"
#include "harness/interrupt.hpp"
#include "harness/load_part.hpp"
#include "harness/run_directory.hpp"
#include "harness/stored_trial.hpp"
#include "properties/names.hpp"
#include "properties/verdict_json.hpp"
#include "reports/summary.hpp"

namespace boxoffice::harness {

namespace {

namespace fs = std::filesystem;
using properties::Outcome;

/// `read()`, whose damage is a mistake in what the caller named.
template <class Read>
auto undamaged(const Read& read) {
  try {
    return read();
  } catch (const reports::DamagedRun& error) {
    throw UsageError(error.what());
  }
}

std::string checks_line(const properties::Verdict& verdict) {
  std::string line;
  for (const properties::Check& check : verdict.checks) {
    line += fmt::format("{}{} {} ({})", line.empty() ? "" : ", ", check.invariant,
                        properties::name_of(check.outcome), check.examined);
  }
  return line;
}

int code_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::pass:
      return k_exit_pass;
    case Outcome::unknown:
      return k_exit_unknown;
    case Outcome::invalid:
      return k_exit_invalid;
    case Outcome::violation:
      return k_exit_violation;
  }
  return k_exit_internal;
}

/// What one of several generators bought says nothing of what the others did.
void expect_whole_load(const fs::path& trial) {
  const fs::path file = trial / "part.json";
  if (!fs::exists(file)) return;
  const Share share = read_part(read_file(file), file.string()).share;
  if (share.parts == 1) return;
  throw UsageError(
      fmt::format("{}: is part {} of {}, and what the others bought is unknown here: `boxoffice "
                  "merge` joins and judges all of them",
                  trial.string(), share.part, share.parts));
}

// The fresh verdict of one trial, said and compared with the stored one.
properties::Verdict judge_again(const fs::path& trial, bool control) {
  expect_whole_load(trial);
  properties::Verdict verdict = judge_trial(trial);
  const auto say = [](const std::string& sentence) { fmt::print("{}", paragraph(sentence)); };
  fmt::print("{}: {}{}\n", trial.filename().string(), properties::name_of(verdict.outcome),
             control ? " (a negative control)" : "");
  say(checks_line(verdict));
  for (const properties::Check& check : verdict.checks) {
    if (check.outcome != Outcome::pass && !check.note.empty())
      say(check.invariant + ": " + check.note);
  }
  for (const properties::Violation& violation : verdict.violations) {
    say(violation.invariant + ": " + violation.message);
    if (control) break;
  }
  std::ranges::for_each(verdict.missing_evidence, say);
  fmt::print("{}", not_attempted_text(verdict.not_attempted));
  if (fs::exists(trial / "verdict.json")) {
    const auto stored = properties::read_verdict(read_file(trial / "verdict.json"));
    if (!stored)
      throw UsageError(
          fmt::format("{}: {}", (trial / "verdict.json").string(), stored.error().message));
    if (*stored != verdict) {
      fmt::print("  differs from the stored verdict: {}\n", properties::name_of(stored->outcome));
    }
  }
  return verdict;
}

void judge_again(const fs::path& directory, reports::Trial& trial) {
  const properties::Verdict verdict = judge_again(directory, trial.control);
  trial.verdict = verdict.outcome;
  trial.violations = verdict.violations;
  trial.verdict_why.clear();
}

/// What the fresh verdicts make of the run, by the rules of its report: a trial that was repeated
/// does not count, and a control only passes where an invariant named for its bug caught it.
int analyze_run(const fs::path& directory) {
  reports::Run run = undamaged([&] { return reports::read_run(directory); });
  for (reports::Trial& trial : run.trials)
    judge_again(directory / "trials" / trial.directory, trial);
  const reports::Summary summary = reports::summarize(run);
  for (const std::string& reason : summary.reasons) fmt::print("{}", paragraph(reason, false));
  fmt::print("{}\n", properties::name_of(summary.verdict));
  return summary.exit_code;
}

/// One trial by itself. A control that was caught is as it should be.
Outcome analyze_trial(const fs::path& directory) {
  const fs::path file = directory / "trial.json";
  if (!fs::exists(file)) return judge_again(directory, false).outcome;
  reports::Trial trial = undamaged(
      [&] { return reports::parse_trial(reports::read_json(file, file.string()), file.string()); });
  judge_again(directory, trial);
  if (!trial.control) return trial.verdict;
  return trial.caught() ? Outcome::pass : Outcome::invalid;
}

/// Whether the run has a report: not one of load, merge or search, not a single trial of another,
/// and not one whose harness died in a trial.
bool has_report(const fs::path& run, const std::vector<fs::path>& trials) {
  if (trials.front() == run) return false;
  const auto finished = std::ranges::count_if(
      trials, [](const fs::path& trial) { return fs::exists(trial / "trial.json"); });
  if (finished == 0) return false;
  if (std::cmp_equal(finished, trials.size())) return true;
  const fs::path file = run / "manifest.json";
  return undamaged([&] {
    return reports::parse_manifest(reports::read_json(file, "manifest.json"), "manifest.json")
        .ended_early();
  });
}

/// What a run without a report says of its trials must be so. True where it was interrupted.
bool expect_its_trials(const fs::path& run) {
  const fs::path file = run / "manifest.json";
  if (!fs::exists(file)) return false;
  return undamaged([&] {
    const auto manifest = reports::read_json(file, "manifest.json");
    const auto listed = reports::listed_trials(manifest, "manifest.json");
    if (listed) reports::expect_trials(run, *listed);
    const reports::Fields fields(manifest, "manifest.json");
    return fields.has("interrupted") && fields.flag("interrupted");
  });
}

/// Without a report the worst of the trials is the verdict.
int analyze(const fs::path& run) {
  const std::vector<fs::path> trials = trials_of(run);
  if (has_report(run, trials)) return analyze_run(run);
  const bool interrupted = trials.front() != run && expect_its_trials(run);
  Outcome worst = Outcome::pass;
  for (const fs::path& trial : trials) worst = std::max(worst, analyze_trial(trial));
  fmt::print("{}{}\n", properties::name_of(worst),
             interrupted ? ", of a run that was interrupted" : "");
  return interrupted ? k_exit_interrupted : code_of(worst);
}

}  // namespace

void add_analyze(CLI::App& app, Work& work) {
  auto run = std::make_shared<std::string>();
  CLI::App* command =
      app.add_subcommand("analyze", "judge a stored run, or one of its trials, again");
  command->add_option("RUN", *run, "a run directory, or a trial directory in it")
      ->required()
      ->type_name("");
  command->callback([&work, run] {
    work = [run](const Context&) {
      end_at_first_interrupt();
      return analyze(*run);
    };
  });
}

}  // namespace boxoffice::harness
