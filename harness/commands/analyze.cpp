// boxoffice analyze RUN: judges stored histories again, offline, with the oracle of this program.
// Nothing is changed.
#include <fmt/format.h>

#include "harness/commands/commands.hpp"
#include "harness/failure.hpp"
#include "harness/run_directory.hpp"
#include "harness/stored_trial.hpp"
#include "properties/names.hpp"
#include "properties/verdict_json.hpp"
#include "reports/trial.hpp"

namespace boxoffice::harness {

namespace {

namespace fs = std::filesystem;
using properties::Outcome;

bool is_control(const fs::path& trial) {
  const fs::path file = trial / "trial.json";
  if (!fs::exists(file)) return false;
  try {
    return reports::parse_trial(reports::read_json(file, file.string()), file.string()).control;
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

// The fresh verdict of one trial, said and compared with the stored one. A control that was caught
// is as it should be.
Outcome analyze_trial(const fs::path& trial) {
  const properties::Verdict verdict = judge_trial(trial);
  const bool control = is_control(trial);
  fmt::print("{}: {}{}\n  {}\n", trial.filename().string(), properties::name_of(verdict.outcome),
             control ? " (a negative control)" : "", checks_line(verdict));
  for (const properties::Check& check : verdict.checks) {
    if (check.outcome != Outcome::pass && !check.note.empty())
      fmt::print("  {}: {}\n", check.invariant, check.note);
  }
  for (const properties::Violation& violation : verdict.violations) {
    fmt::print("  {}: {}\n", violation.invariant, violation.message);
    if (control) break;
  }
  for (const std::string& missing : verdict.missing_evidence) fmt::print("  {}\n", missing);
  if (fs::exists(trial / "verdict.json")) {
    const auto stored = properties::read_verdict(read_file(trial / "verdict.json"));
    if (!stored)
      throw UsageError(
          fmt::format("{}: {}", (trial / "verdict.json").string(), stored.error().message));
    if (*stored != verdict) {
      fmt::print("  differs from the stored verdict: {}\n", properties::name_of(stored->outcome));
    }
  }
  if (control) return verdict.outcome == Outcome::violation ? Outcome::pass : Outcome::invalid;
  return verdict.outcome;
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
      Outcome worst = Outcome::pass;
      for (const fs::path& trial : trials_of(*run)) worst = std::max(worst, analyze_trial(trial));
      fmt::print("{}\n", properties::name_of(worst));
      return code_of(worst);
    };
  });
}

}  // namespace boxoffice::harness
