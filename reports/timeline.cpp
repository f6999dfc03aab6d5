// Finds the operations of a violation in the history and gives each of their instants a position.
#include "reports/timeline.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "properties/names.hpp"

namespace boxoffice::reports {
namespace {

using properties::Entry;
using properties::EntryType;

std::optional<TimelineBar> bar_of(const std::vector<Entry>& entries, std::int64_t index) {
  const auto call = std::find_if(entries.begin(), entries.end(),
                                 [&](const Entry& entry) { return entry.index == index; });
  if (call == entries.end() || call->type != EntryType::invoke) return std::nullopt;
  TimelineBar bar{.index = call->index,
                  .process = call->process,
                  .f = call->f,
                  .call_ns = call->t_ns,
                  .return_ns = std::nullopt,
                  .in = call->in,
                  .out = {},
                  .error = {}};
  // A process is sequential, so its next entry is this operation's completion.
  const auto completion = std::find_if(
      call + 1, entries.end(), [&](const Entry& entry) { return entry.process == call->process; });
  if (completion == entries.end() || completion->type == EntryType::invoke) return bar;
  bar.result = completion->type;
  bar.out = completion->out;
  bar.error = completion->error;
  if (completion->type != EntryType::info) bar.return_ns = completion->t_ns;
  return bar;
}

/// Numbers all calls and returns by time; what never returned ends behind everything else.
void place(Timeline& timeline) {
  struct Instant {
    std::int64_t t_ns;
    bool is_return;
    std::size_t* position;
  };
  std::vector<Instant> instants;
  for (TimelineBar& bar : timeline.bars) {
    instants.push_back({bar.call_ns, false, &bar.call_at});
    if (bar.return_ns) instants.push_back({*bar.return_ns, true, &bar.return_at});
  }
  for (TimelineFault& each : timeline.faults) {
    instants.push_back({each.fault.t_ns, false, &each.from_at});
    instants.push_back({std::max(each.fault.t_ns, each.fault.healed_ns), true, &each.to_at});
  }
  // Intervals are closed: at the same instant a call comes before a return, so the two are drawn
  // overlapping.
  std::stable_sort(instants.begin(), instants.end(), [](const Instant& a, const Instant& b) {
    return std::pair(a.t_ns, a.is_return) < std::pair(b.t_ns, b.is_return);
  });
  for (std::size_t i = 0; i < instants.size(); ++i) *instants[i].position = i;
  timeline.positions = instants.size();
  bool any_open = false;
  for (TimelineBar& bar : timeline.bars) {
    if (bar.return_ns) continue;
    bar.return_at = timeline.positions;
    any_open = true;
  }
  if (any_open) ++timeline.positions;
}

void append(std::string& text, const std::string& item) {
  if (!text.empty()) text += ", ";
  text += item;
}

}  // namespace

Timeline contradiction(const properties::History& history, const properties::Violation& violation,
                       std::size_t bars_max) {
  Timeline timeline;
  for (const std::int64_t index : violation.operations) {
    if (auto bar = bar_of(history.entries, index)) timeline.bars.push_back(std::move(*bar));
  }
  std::stable_sort(
      timeline.bars.begin(), timeline.bars.end(),
      [](const TimelineBar& a, const TimelineBar& b) { return a.call_ns < b.call_ns; });
  if (timeline.bars.size() > bars_max) {
    timeline.left_out = timeline.bars.size() - bars_max;
    timeline.bars.resize(bars_max);
  }
  for (TimelineBar& bar : timeline.bars) {
    const auto lane = std::find(timeline.lanes.begin(), timeline.lanes.end(), bar.process);
    bar.lane = static_cast<std::size_t>(lane - timeline.lanes.begin());
    if (lane == timeline.lanes.end()) timeline.lanes.push_back(bar.process);
  }
  for (const properties::Fault& fault : history.faults) timeline.faults.push_back({fault});
  place(timeline);
  return timeline;
}

std::string input_text(const TimelineBar& bar) {
  std::string text;
  if (bar.in.quantity != 0) append(text, fmt::format("quantity {}", bar.in.quantity));
  if (bar.in.reservation_id != 0) {
    append(text, fmt::format("reservation {}", bar.in.reservation_id));
  }
  if (bar.in.user_id != 0) append(text, fmt::format("user {}", bar.in.user_id));
  return text;
}

std::string output_text(const TimelineBar& bar) {
  std::string text(properties::name_of(bar.result));
  if (bar.result == EntryType::invoke) text = "info";
  const int http = bar.out.http != 0 ? bar.out.http : bar.error.http;
  if (http != 0) text += fmt::format(" {}", http);
  if (!bar.error.code.empty()) append(text, bar.error.code);
  if (!bar.error.phase.empty()) append(text, "in " + bar.error.phase);
  if (bar.out.reservation_id) append(text, fmt::format("reservation {}", *bar.out.reservation_id));
  if (bar.out.status) append(text, std::string(properties::name_of(*bar.out.status)));
  if (bar.out.version) append(text, fmt::format("version {}", *bar.out.version));
  if (bar.out.available) append(text, fmt::format("available {}", *bar.out.available));
  return text;
}

std::string fault_text(const TimelineFault& each) {
  std::string text = each.fault.kind;
  if (!each.fault.landed) text += " (it did not land)";
  if (each.fault.in_flight > 0)
    text += fmt::format(", {} operations under way", each.fault.in_flight);
  if (!each.fault.evidence.empty()) text += ": " + each.fault.evidence;
  return text;
}

double since_start_ms(const Timeline& timeline, std::int64_t t_ns) {
  return static_cast<double>(t_ns - timeline.bars.front().call_ns) / 1e6;
}

}  // namespace boxoffice::reports
