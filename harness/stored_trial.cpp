// See stored_trial.hpp.
#include "harness/stored_trial.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/commands/options.hpp"
#include "harness/failure.hpp"
#include "harness/run_directory.hpp"
#include "properties/verdict_json.hpp"
#include "reports/layout.hpp"
#include "reports/terminal.hpp"

namespace boxoffice::harness {

namespace fs = std::filesystem;

// More than a few say the same thing again; verdict.json has them all.
constexpr std::size_t k_explained_max = 3;

std::string explain_trial(const fs::path& trial, const std::string& replay) {
  auto verdict = properties::read_verdict(read_file(trial / "verdict.json"));
  if (!verdict)
    throw UsageError(
        fmt::format("{}: {}", (trial / "verdict.json").string(), verdict.error().message));
  std::string text;
  const char* also = verdict->violations.empty() ? "" : "besides: ";
  for (const std::string& missing : verdict->missing_evidence)
    text += paragraph(also + missing, false);
  if (verdict->violations.empty()) return text;
  verdict->violations.resize(std::min(verdict->violations.size(), k_explained_max));
  return text + reports::failure_terminal(
                    read_history_file(trial / "history.jsonl"), *verdict,
                    {.analyze = "boxoffice analyze " + trial.string(), .replay = replay},
                    {.colour = colour_wanted()});
}

std::vector<fs::path> trials_of(const fs::path& run) {
  if (fs::exists(run / "history.jsonl")) return {run};
  if (fs::exists(run / "trial.json"))
    throw UsageError(fmt::format("{}: its history.jsonl is missing", run.string()));
  std::vector<fs::path> trials;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(run / "trials", error)) {
    if (entry.is_directory()) trials.push_back(entry.path());
  }
  if (error || trials.empty()) {
    throw UsageError(fmt::format("{} is no run directory: there is no trials/ with a trial in it",
                                 run.string()));
  }
  std::ranges::sort(trials);
  return trials;
}

std::string paragraph(const std::string& sentence, bool indented) {
  return reports::wrapped((indented ? "  " : "") + sentence, reports::k_terminal_columns,
                          indented ? 4 : 2) +
         "\n";
}

std::string not_attempted_text(const std::vector<std::string>& sentences) {
  std::string text;
  for (const std::string& sentence : sentences) text += paragraph("not attempted: " + sentence);
  return text;
}

}  // namespace boxoffice::harness
