// What was caught: each violation's message and the operations that contradict each other, as a
// drawing and a table. For a control this is the proof that the oracle sees; for a sound strategy
// it is the bug.
//
// The drawing needs the trial's history (trial_history.hpp); without it the message stands alone.
#include <fmt/format.h>

#include <algorithm>

#include "reports/html.hpp"
#include "reports/html_text.hpp"
#include "reports/timeline.hpp"
#include "reports/trial_history.hpp"

namespace boxoffice::reports {
namespace {

constexpr std::size_t k_trials_max = 6;
constexpr std::size_t k_violations_max = 3;
constexpr std::size_t k_violations_max_control = 1;  // one is proof enough

constexpr int k_left = 110, k_lane_height = 40, k_width = 960;

double position_x(const Timeline& timeline, std::size_t position) {
  const double room = k_width - k_left - 20;
  return k_left + room * static_cast<double>(position) /
                      static_cast<double>(std::max<std::size_t>(1, timeline.positions - 1));
}

std::string bar_svg(const Timeline& timeline, const TimelineBar& bar) {
  const double x = position_x(timeline, bar.call_at);
  const double width = position_x(timeline, bar.return_at) - x;
  const auto y = static_cast<double>(bar.lane) * k_lane_height + 8;
  const std::string label = fmt::format("#{} {}", bar.index, properties::name_of(bar.f));
  // About 7.2 units a character; a label that does not fit is left to the title and the table.
  const bool fits = static_cast<double>(label.size()) * 7.2 < width - 8;
  return fmt::format(
      "<g><title>{0}: {1} &#8594; {2}</title>"
      "<rect x=\"{3:.1f}\" y=\"{4}\" width=\"{5:.1f}\" height=\"24\" rx=\"4\" class=\"under\"/>"
      "<rect x=\"{3:.1f}\" y=\"{4}\" width=\"{5:.1f}\" height=\"24\" rx=\"4\" class=\"{6}\"/>"
      "{7}</g>\n",
      label, escaped(input_text(bar)), escaped(output_text(bar)), x, y, width,
      bar.return_ns ? "bar" : "bar open",
      fits ? fmt::format("<text x=\"{:.1f}\" y=\"{}\" class=\"label\">{}</text>", x + width / 2,
                         y + 16, label)
           : "");
}

std::string timeline_svg(const Timeline& timeline) {
  const std::size_t height = timeline.lanes.size() * k_lane_height + 30;
  std::string svg = fmt::format(
      "<div class=\"scroll\"><svg class=\"timeline\" viewBox=\"0 0 {} {}\" role=\"img\" "
      "aria-label=\"The operations in time; the table below has the same\">\n",
      k_width, height);
  for (std::size_t lane = 0; lane < timeline.lanes.size(); ++lane) {
    const std::size_t y = lane * k_lane_height + 20;
    svg += fmt::format(
        "<line x1=\"{}\" x2=\"{}\" y1=\"{}\" y2=\"{}\" class=\"lane\"/>"
        "<text x=\"0\" y=\"{}\">process {}</text>\n",
        k_left, k_width - 20, y, y, y + 5, timeline.lanes[lane]);
  }
  for (const TimelineBar& bar : timeline.bars) svg += bar_svg(timeline, bar);
  return svg + fmt::format(
                   "<text x=\"{}\" y=\"{}\" class=\"axis\">time, in order, not to scale "
                   "&#8594;</text></svg></div>\n",
                   k_left, height - 8);
}

std::string operations_table(const Timeline& timeline) {
  HtmlTable table("The operations that contradict each other",
                  {"op", "process", "call ms", "return ms", "what", "in", "out"},
                  {true, true, true, true, false, false, false});
  for (const TimelineBar& bar : timeline.bars) {
    table.add(
        {fmt::format("#{}", bar.index), fmt::format("{}", bar.process),
         fmt::format("{:.3f}", since_start_ms(timeline, bar.call_ns)),
         bar.return_ns ? fmt::format("{:.3f}", since_start_ms(timeline, *bar.return_ns)) : "?",
         std::string(properties::name_of(bar.f)), input_text(bar), output_text(bar)});
  }
  std::string html = "<div class=\"operations\">" + table.html() + "</div>\n";
  if (timeline.left_out > 0) html += fmt::format("<p>and {} more</p>\n", timeline.left_out);
  return html;
}

std::string violation_html(const TrialHistory& loaded, const properties::Violation& violation) {
  std::string html =
      fmt::format("<p><span class=\"badge refutes\">{}</span> event {}: {}</p>\n",
                  escaped(violation.invariant), violation.event_id, escaped(violation.message));
  if (!loaded.why_not.empty()) {
    return html + fmt::format("<p class=\"note\">No drawing: {}.</p>\n", escaped(loaded.why_not));
  }
  const Timeline timeline = contradiction(loaded.history, violation);
  if (timeline.bars.empty()) return html;
  return html + timeline_svg(timeline) + operations_table(timeline);
}

std::string trial_html(const Run& run, const Trial& trial) {
  std::string html = fmt::format(
      "<h3>{}{}</h3>\n<p class=\"place\">{}, {}, {} connections, round {}, trials/{}</p>\n",
      escaped(trial.variant), trial.control ? " (control: it must be caught)" : "",
      escaped(trial.database), escaped(trial.scenario), trial.connections, trial.round,
      escaped(trial.directory));
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
      "An open end is an operation whose outcome nobody was told.</p>\n";
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
