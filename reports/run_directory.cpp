// Reads a run directory, and marks the trials that another trial of the run repeats, and those of a
// variant that violated an invariant.
#include "reports/run_directory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "properties/verdict_json.hpp"

namespace boxoffice::reports {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> trial_directories(const fs::path& trials) {
  std::vector<fs::path> directories;
  if (!fs::exists(trials)) return directories;
  for (const auto& entry : fs::directory_iterator(trials)) {
    if (entry.is_directory()) directories.push_back(entry.path());
  }
  std::sort(directories.begin(), directories.end());
  return directories;
}

auto cell_and_round(const Trial& trial) {
  return std::tie(trial.control, trial.database, trial.variant, trial.scenario, trial.connections,
                  trial.offered_per_s, trial.instances, trial.round);
}

/// A selftest runs a control until it is caught: its last lap is the one that counts.
void mark_earlier_laps(std::vector<Trial>& trials) {
  for (std::size_t i = 0; i < trials.size(); ++i) {
    trials[i].superseded =
        trials[i].control && std::any_of(trials.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                                         trials.end(), [&](const Trial& later) {
                                           return later.control &&
                                                  later.variant == trials[i].variant &&
                                                  later.database == trials[i].database;
                                         });
  }
}

void mark_superseded(std::vector<Trial>& trials) {
  for (Trial& trial : trials) {
    trial.superseded = std::any_of(trials.begin(), trials.end(), [&](const Trial& other) {
      return other.repeated && !trial.repeated && cell_and_round(other) == cell_and_round(trial);
    });
  }
}

/// Controls are broken on purpose, and their trials have no figures anyway.
void mark_disqualified(std::vector<Trial>& trials) {
  std::set<std::pair<std::string, std::string>> violating;  // database, variant
  for (const Trial& trial : trials) {
    if (!trial.control && trial.verdict == properties::Outcome::violation)
      violating.emplace(trial.database, trial.variant);
  }
  for (Trial& trial : trials)
    trial.disqualified = !trial.control && violating.contains({trial.database, trial.variant});
}

/// Two trials that both claim to be the figure of one round would make the pairing a choice of
/// ours.
void refuse_duplicates(const std::vector<Trial>& trials) {
  for (std::size_t i = 0; i < trials.size(); ++i) {
    for (std::size_t j = i + 1; j < trials.size(); ++j) {
      const Trial& a = trials[i];
      const Trial& b = trials[j];
      if (!a.superseded && !b.superseded && cell_and_round(a) == cell_and_round(b)) {
        throw DamagedRun(
            fmt::format("trials/{}/trial.json: is the same trial as trials/{}, and "
                        "neither repeats the other",
                        b.directory, a.directory));
      }
    }
  }
}

/// Of a run whose manifest does not list its trials their numbers must do: the harness leaves none
/// out.
void refuse_gaps(const std::vector<Trial>& trials) {
  std::int64_t expected = trials.empty() ? 0 : std::min<std::int64_t>(trials.front().index, 1);
  for (const Trial& trial : trials) {
    if (trial.index != expected) {
      throw DamagedRun(fmt::format("trials: number {} is missing: the next one is {}", expected,
                                   trial.directory));
    }
    ++expected;
  }
}

/// Why a verdict is neither pass nor violation: what did not happen, or what a check noted.
std::string reasons_of(const properties::Verdict& verdict) {
  std::string text;
  const auto add = [&text](const std::string& reason) {
    if (!reason.empty()) text += (text.empty() ? "" : "; ") + reason;
  };
  for (const std::string& sentence : verdict.missing_evidence) add(sentence);
  for (const properties::Check& check : verdict.checks) {
    const bool open = check.outcome == properties::Outcome::unknown ||
                      check.outcome == properties::Outcome::invalid;
    if (open) add(check.invariant + ": " + check.note);
  }
  return text;
}

/// Where the oracle's own file is there, it and the trial must say the same: a figure goes with a
/// verdict, and which verdict that is must not depend on which file one reads.
void confirm_verdict(const fs::path& directory, const std::string& name, Trial& trial) {
  const fs::path path = directory / "verdict.json";
  if (!fs::exists(path)) return;
  const std::string where = fmt::format("trials/{}/verdict.json", name);
  const auto verdict = properties::read_verdict(read_text(path, where));
  if (!verdict) throw DamagedRun(fmt::format("{}: {}", where, verdict.error().message));
  if (verdict->outcome != trial.verdict) {
    throw DamagedRun(fmt::format("{}: says \"{}\", trial.json says \"{}\"", where,
                                 properties::name_of(verdict->outcome),
                                 properties::name_of(trial.verdict)));
  }
  trial.not_attempted = verdict->not_attempted;
  if (trial.verdict != properties::Outcome::pass && trial.violations.empty()) {
    trial.verdict_why = reasons_of(*verdict);
  }
}

/// What the requests of a scenario were stands in its trials.
void note_mixes(Run& run) {
  for (ScenarioFacts& scenario : run.manifest.scenarios) {
    const auto trial = std::ranges::find(run.trials, scenario.name, &Trial::scenario);
    if (trial == run.trials.end()) continue;
    for (const auto& [name, text] : trial->scenario_settings) {
      if (name == "mix") scenario.mix = text;
    }
  }
}

}  // namespace

void expect_trials(const fs::path& directory, const std::vector<std::string>& listed) {
  std::vector<std::string> there;
  for (const fs::path& path : trial_directories(directory / "trials"))
    there.push_back(path.filename().string());
  for (const std::string& name : listed) {
    if (!std::ranges::count(there, name))
      throw DamagedRun(fmt::format("trials/{}: is missing, though the run had it", name));
  }
  for (const std::string& name : there) {
    if (!std::ranges::count(listed, name))
      throw DamagedRun(fmt::format("trials/{}: is no trial of this run", name));
  }
}

Run read_run(const fs::path& directory) {
  Run run{.directory = directory, .manifest = {}, .trials = {}};
  if (!fs::is_directory(directory)) throw DamagedRun("is not a run directory");
  run.manifest =
      parse_manifest(read_json(directory / "manifest.json", "manifest.json"), "manifest.json");
  if (run.manifest.trials) expect_trials(directory, *run.manifest.trials);
  for (const fs::path& path : trial_directories(directory / "trials")) {
    const std::string name = path.filename().string();
    const std::string where = fmt::format("trials/{}/trial.json", name);
    // The trial that was under way when the run ended, or was killed, has none.
    const bool whole = run.manifest.finished_at && !run.manifest.ended_early();
    if (!whole && !fs::exists(path / "trial.json")) continue;
    run.trials.push_back(parse_trial(read_json(path / "trial.json", where), where));
    run.trials.back().directory = name;
    confirm_verdict(path, name, run.trials.back());
  }
  std::stable_sort(run.trials.begin(), run.trials.end(),
                   [](const Trial& a, const Trial& b) { return a.index < b.index; });
  const bool finished = run.manifest.finished_at && !run.manifest.ended_early();
  if (finished && !run.manifest.trials) refuse_gaps(run.trials);
  run.manifest.command == "selftest" ? mark_earlier_laps(run.trials) : mark_superseded(run.trials);
  mark_disqualified(run.trials);
  note_mixes(run);
  refuse_duplicates(run.trials);
  return run;
}

}  // namespace boxoffice::reports
