// What was caught: each violation's message and the operations that contradict each other, as a
// drawing and a table. For a control this is the proof that the oracle sees; for a sound strategy
// it is the bug.
//
// The drawing needs the trial's history (trial_history.hpp); without it the message stands alone.
#include <fmt/format.h>

#include <algorithm>

#include "reports/figures.hpp"
#include "reports/html.hpp"
#include "reports/html_text.hpp"
#include "reports/timeline.hpp"
#include "reports/trial_history.hpp"

namespace boxoffice::reports {
namespace {

constexpr std::size_t k_trials_max = 6;
constexpr std::size_t k_violations_max = 3;
constexpr std::size_t k_violations_max_control = 1;  // one is proof enough

std::string violation_html(const TrialHistory& loaded, const properties::Violation& violation) {
  std::string html =
      fmt::format("<p><span class=\"badge refutes\">{}</span> event {}: {}</p>\n",
                  escaped(violation.invariant), violation.event_id, escaped(violation.message));
  if (!loaded.why_not.empty()) {
    return html + fmt::format("<p class=\"note\">No drawing: {}.</p>\n", escaped(loaded.why_not));
  }
  const Timeline timeline = contradiction(loaded.history, violation);
  if (timeline.bars.empty()) return html;
  return html + timeline_html(timeline);
}

std::string trial_html(const Run& run, const Trial& trial) {
  std::string html =
      fmt::format("<h3>{}{}</h3>\n<p class=\"place\">{}, {}, {}, round {}, trials/{}</p>\n",
                  escaped(trial.variant), trial.control ? " (control: it must be caught)" : "",
                  escaped(trial.database), escaped(trial.scenario), escaped(load_text(trial)),
                  trial.round, escaped(trial.directory));
  const TrialHistory loaded = read_trial_history(run, trial);
  const std::size_t shown = std::min(trial.violations.size(),
                                     trial.control ? k_violations_max_control : k_violations_max);
  for (std::size_t i = 0; i < shown; ++i) html += violation_html(loaded, trial.violations[i]);
  if (shown < trial.violations.size()) {
    html += fmt::format("<p>and {} more violations</p>\n", trial.violations.size() - shown);
  }
  return html;
}

}  // namespace

std::string violations_section(const Page& page) {
  const std::vector<const Trial*> trials = violating_trials(page.run);
  if (trials.empty()) return "";
  std::string html =
      "<p>Bars are operations, from the first byte sent to the reply parsed; a row is one client. "
      "A shaded band is a fault: what was done to server or database while they ran.</p>\n";
  for (std::size_t i = 0; i < std::min(trials.size(), k_trials_max); ++i) {
    html += trial_html(page.run, *trials[i]);
  }
  if (trials.size() > k_trials_max) {
    html += fmt::format("<p>and {} more trials, in the table of all trials</p>\n",
                        trials.size() - k_trials_max);
  }
  return section("violations", "What was caught", html);
}

}  // namespace boxoffice::reports
