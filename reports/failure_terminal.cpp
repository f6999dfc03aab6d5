// A violation as text: what was broken, the operations that contradict each other, and how to look
// closer.
#include <fmt/format.h>

#include <algorithm>

#include "properties/names.hpp"
#include "reports/terminal.hpp"
#include "reports/timeline.hpp"

namespace boxoffice::reports {
namespace {

constexpr std::size_t k_lane_label_width = 11;  // "process 123"

/// One bar into its lane: "[==#12 reserve==]", or "[==#12 reserve==>" where no return is known.
void draw(std::string& lane, const TimelineBar& bar, std::size_t columns_per_position) {
  const std::size_t from = bar.call_at * columns_per_position;
  const std::size_t to = bar.return_at * columns_per_position + columns_per_position - 2;
  for (std::size_t at = from; at <= to; ++at) lane[at] = bar.return_ns ? '=' : '~';
  lane[from] = '[';
  lane[to] = bar.return_ns ? ']' : '>';
  const std::size_t room = to - from - 1;
  std::string label = fmt::format("#{} {}", bar.index, properties::name_of(bar.f));
  if (label.size() > room) label = fmt::format("#{}", bar.index);
  if (label.size() > room) return;
  lane.replace(from + 1 + (room - label.size()) / 2, label.size(), label);
}

struct Lane {
  std::string label, text;
};

/// Faults first, each in a lane of its own; then a lane a process.
std::vector<Lane> lanes_of(const Timeline& timeline, std::size_t per_position) {
  const std::string blank(per_position * timeline.positions, ' ');
  std::vector<Lane> lanes;
  for (const TimelineFault& each : timeline.faults) {
    std::string text = blank;
    const std::size_t from = each.from_at * per_position;
    text.replace(from, (each.to_at + 1) * per_position - 1 - from,
                 (each.to_at + 1) * per_position - 1 - from, '#');
    lanes.push_back({cleaned(each.fault.kind), std::move(text)});
  }
  const std::size_t first = lanes.size();
  for (const std::int64_t process : timeline.lanes)
    lanes.push_back({fmt::format("process {}", process), blank});
  for (const TimelineBar& bar : timeline.bars)
    draw(lanes[first + bar.lane].text, bar, per_position);
  return lanes;
}

std::string drawing(const Timeline& timeline, const TerminalOptions& options) {
  std::size_t label_width = k_lane_label_width;
  for (const TimelineFault& each : timeline.faults)
    label_width = std::max(label_width, display_width(cleaned(each.fault.kind)));
  label_width = std::min(label_width, options.columns / 3);
  const std::size_t room = options.columns - label_width - 3;
  // At least 2, so that a call and the return right behind it are two characters.
  const std::size_t per_position = std::max<std::size_t>(2, room / timeline.positions);
  std::string text;
  for (const Lane& lane : lanes_of(timeline, per_position)) {
    std::string line =
        fmt::format("  {:<{}} {}", fitted(lane.label, label_width), label_width, lane.text);
    line.erase(line.find_last_not_of(' ') + 1);
    text += fitted(line, options.columns) + "\n";
  }
  return text + fmt::format("  {:<{}} time, in order, not to scale ->\n", "", label_width);
}

std::string operations(const Timeline& timeline, const TerminalOptions& options) {
  Table table({false, true, true, true, false, false});
  table.add({"op", "process", "call ms", "return ms", "f", "in -> out"});
  for (const TimelineBar& bar : timeline.bars) {
    table.add(
        {fmt::format("#{}", bar.index), fmt::format("{}", bar.process),
         fmt::format("{:.3f}", since_start_ms(timeline, bar.call_ns)),
         bar.return_ns ? fmt::format("{:.3f}", since_start_ms(timeline, *bar.return_ns)) : "?",
         std::string(properties::name_of(bar.f)), input_text(bar)});
    table.add({"", cleaned("-> " + output_text(bar))});
  }
  std::string text = table.text(options.columns, 2);
  if (timeline.left_out > 0) text += fmt::format("  and {} more\n", timeline.left_out);
  for (const TimelineFault& each : timeline.faults) {
    text += wrapped(cleaned(fmt::format("  fault from {:.3f} to {:.3f} ms: {}",
                                        since_start_ms(timeline, each.fault.t_ns),
                                        since_start_ms(timeline, each.fault.healed_ns),
                                        fault_text(each))),
                    options.columns, 4) +
            "\n";
  }
  return text;
}

}  // namespace

std::string timeline_text(const Timeline& timeline, const TerminalOptions& options) {
  if (timeline.bars.empty()) return "";
  return drawing(timeline, options) + "\n" + operations(timeline, options);
}

std::string failure_terminal(const properties::History& history, const properties::Verdict& verdict,
                             const FailureCommands& commands, const TerminalOptions& options) {
  if (verdict.violations.empty()) return "";
  std::string text;
  for (const properties::Violation& violation : verdict.violations) {
    const std::string head = fmt::format("VIOLATION {}", cleaned(violation.invariant));
    const std::string whole = wrapped(
        fmt::format("{}  event {}: {}", head, violation.event_id, cleaned(violation.message)),
        options.columns, 2);
    text += inked(head, Ink::red, options) + whole.substr(head.size()) + "\n";
    const std::string drawn = timeline_text(contradiction(history, violation), options);
    text += drawn.empty() ? "\n" : "\n" + drawn + "\n";
  }
  const auto described = static_cast<std::int64_t>(verdict.violations.size());
  if (verdict.violations_total > described) {
    text += fmt::format("{} violations in all, the first {} are shown\n", verdict.violations_total,
                        described);
  }
  if (!commands.analyze.empty()) text += "analyze: " + commands.analyze + "\n";
  if (!commands.replay.empty()) text += "replay:  " + commands.replay + "\n";
  return text;
}

}  // namespace boxoffice::reports
