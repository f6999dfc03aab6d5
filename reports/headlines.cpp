// What stands in front of a run's figures: the word, the sentence, why nothing is concluded, which
// controls were caught.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "reports/figures.hpp"
#include "reports/summary.hpp"

namespace boxoffice::reports {

std::vector<std::string> caught_controls(const Summary& summary, bool several_databases) {
  struct Caught {
    std::string who;
    std::int64_t times, fewest, most;
    std::vector<std::string> invariants;
  };
  std::vector<Caught> all;
  for (const ControlResult& control : summary.controls) {
    if (!control.caught) continue;
    const std::string who = control.variant + (several_databases ? " on " + control.database : "");
    auto found = std::ranges::find(all, who, &Caught::who);
    if (found == all.end())
      found = all.insert(all.end(), {who, 0, control.operations, control.operations, {}});
    ++found->times;
    found->fewest = std::min(found->fewest, control.operations);
    found->most = std::max(found->most, control.operations);
    if (!std::ranges::count(found->invariants, control.invariant))
      found->invariants.push_back(control.invariant);
  }
  std::vector<std::string> texts;
  for (const Caught& each : all) {
    const std::string by = fmt::format("{}", fmt::join(each.invariants, ", "));
    const std::string most = counted(each.most, "operation");
    texts.push_back(each.times == 1
                        ? fmt::format("control {}: caught by {} in {}: good", each.who, by, most)
                        : fmt::format("control {}: caught {} times by {}, in {} to {}: good",
                                      each.who, each.times, by, thousands(each.fewest), most));
  }
  return texts;
}

std::string indicative_sentence(const Run& run, const Summary& summary) {
  if (!summary.indicative || run.manifest.command != "compare" || summary.cells.empty()) return "";
  if (!summary.no_winner_why.empty()) return summary.no_winner_why;
  const bool nobody =
      std::ranges::all_of(summary.cells, [](const Cell& cell) { return cell.pairs.empty(); });
  if (nobody || !std::cmp_less(run.manifest.rounds, summary.rounds_needed)) return "";
  return fmt::format("{} of the {} rounds that name a winner", run.manifest.rounds,
                     summary.rounds_needed);
}

std::string headline_word(const Summary& summary) {
  switch (summary.exit_code) {
    case 0:
      return "PASS";
    case 10:
      return "VIOLATION";
    case 11:
      return "UNKNOWN";
    case 12:
      return "INVALID";
    case 13:
      return "THRESHOLD FAILED";
    case 130:
      return "INTERRUPTED";
    default:
      return "HARNESS ERROR";
  }
}

std::string headline_sentence(const Summary& summary) {
  const std::string seen = fmt::format("{}, {}", counted(summary.sound_trials, "trial"),
                                       counted(summary.operations, "request"));
  switch (summary.exit_code) {
    case 0:
    case 13: {
      const auto n = static_cast<std::int64_t>(summary.controls.size());
      const std::string controls = n == 0   ? ""
                                   : n == 1 ? "; the control was caught"
                                            : fmt::format("; all {} control trials were caught", n);
      return seen + ": every trial was correct" + controls;
    }
    case 10:
      return seen + ": tickets were not safe in at least one trial";
    case 11:
      return seen + ": a check could not decide; that is not a pass";
    case 12:
      return seen + ": this run proves nothing";
    case 130:
      return seen + " before the run was stopped; what is shown is incomplete";
    default:
      return seen + ": the harness itself is at fault";
  }
}

}  // namespace boxoffice::reports
