// See load_run.hpp.
#include "harness/commands/load_run.hpp"

#include <fmt/format.h>

#include "harness/checked_load.hpp"
#include "harness/failure.hpp"
#include "harness/stored_trial.hpp"
#include "properties/names.hpp"
#include "properties/verdict_json.hpp"

namespace boxoffice::harness {

load::LoadResult run_or_take_back(const load::LoadPlan& plan, RunDirectory& directory, Live& live,
                                  WallClock& wall_clock, const Context& context) {
  const auto show = [&](const load::Progress& progress) {
    wall_clock.sample();
    live.show(progress);
  };
  try {
    return run_checked_load(plan, show, context.stop);
  } catch (const EnvironmentBroke&) {
    directory.remove_unmeasured();
    throw;
  }
}

properties::Outcome judge_and_print(const std::filesystem::path& trial, const std::string& replay) {
  const properties::Verdict verdict = judge_trial(trial);
  write_file(trial / "verdict.json", properties::verdict_line(verdict));
  fmt::print("verdict from the clients' view: {}\n", properties::name_of(verdict.outcome));
  for (const properties::Check& check : verdict.checks) {
    if (!check.note.empty()) fmt::print("{}", paragraph(check.invariant + ": " + check.note));
  }
  for (const std::string& missing : verdict.missing_evidence) fmt::print("{}", paragraph(missing));
  std::vector<std::string> gaps = verdict.not_attempted;
  std::erase_if(gaps, [](const std::string& gap) { return gap.starts_with("D2"); });
  fmt::print("{}", not_attempted_text(gaps));
  if (verdict.outcome == properties::Outcome::violation)
    fmt::print("{}", explain_trial(trial, replay));
  return verdict.outcome;
}

}  // namespace boxoffice::harness
