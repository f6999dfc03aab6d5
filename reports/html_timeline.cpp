// A contradiction drawn as SVG: lanes by process, bars by operation, faults as bands behind them.
//
// What is drawn here is complete: it can be read without a script, and on paper. Each shape carries
// its place on two axes, by order and in milliseconds ("from to" in data-order and data-ms), from
// which assets/timeline.js draws it again when somebody zooms or asks for the true scale. The table
// below has all of it in words.
#include <fmt/format.h>

#include <algorithm>

#include "properties/names.hpp"
#include "reports/html.hpp"
#include "reports/html_text.hpp"

namespace boxoffice::reports {
namespace {

constexpr int k_left = 120, k_width = 960, k_plot = k_width - k_left;
constexpr int k_lane_height = 40, k_fault_height = 22, k_bar_height = 24, k_axis_height = 30;

/// The axes' ends. An operation without a return is drawn to the end of both.
struct Span {
  std::size_t last_at;
  double first_ms, last_ms;
};

Span span_of(const Timeline& timeline) {
  Span span{std::max<std::size_t>(1, timeline.positions - 1), 0, 0};
  const auto widen = [&](std::int64_t t_ns) {
    span.first_ms = std::min(span.first_ms, since_start_ms(timeline, t_ns));
    span.last_ms = std::max(span.last_ms, since_start_ms(timeline, t_ns));
  };
  for (const TimelineBar& bar : timeline.bars) widen(bar.return_ns.value_or(bar.call_ns));
  for (const TimelineFault& each : timeline.faults) {
    widen(each.fault.t_ns);
    widen(each.fault.healed_ns);
  }
  const double air = std::max(0.001, 0.04 * (span.last_ms - span.first_ms));
  return {span.last_at, span.first_ms, span.last_ms + air};
}

double x_of(const Span& span, std::size_t at) {
  return k_plot * static_cast<double>(at) / static_cast<double>(span.last_at);
}

/// x and width by order, and what a script needs to place it anew.
std::string place(const Span& span, std::size_t from_at, std::size_t to_at, double from_ms,
                  double to_ms) {
  return fmt::format("x=\"{:.1f}\" width=\"{:.1f}\" data-order=\"{} {}\" data-ms=\"{:.6f} {:.6f}\"",
                     x_of(span, from_at), x_of(span, to_at) - x_of(span, from_at), from_at, to_at,
                     from_ms, to_ms);
}

/// How an operation ended, as a class of its bar.
std::string_view ending(const TimelineBar& bar) {
  if (!bar.return_ns) return "open";
  return bar.result == properties::EntryType::ok ? "ok" : "failed";
}

std::string bar_svg(const Timeline& timeline, const Span& span, const TimelineBar& bar, int top) {
  const int y = top + static_cast<int>(bar.lane) * k_lane_height + 8;
  const std::string label = fmt::format("#{} {}", bar.index, properties::name_of(bar.f));
  const double from_ms = since_start_ms(timeline, bar.call_ns);
  const double to_ms = bar.return_ns ? since_start_ms(timeline, *bar.return_ns) : span.last_ms;
  const std::string where = place(span, bar.call_at, bar.return_at, from_ms, to_ms);
  const double width = x_of(span, bar.return_at) - x_of(span, bar.call_at);
  // About 7.2 units a character; a label that does not fit is left to the title and the table.
  const bool fits = static_cast<double>(label.size()) * 7.2 < width - 8;
  return fmt::format(
      "<g class=\"operation\" tabindex=\"0\"><title>{0}, process {1}, from {2:.3f} to {3} ms: {4} "
      "&#8594; {5}</title><rect {6} y=\"{7}\" height=\"{8}\" rx=\"4\" class=\"under\"/>"
      "<rect {6} y=\"{7}\" height=\"{8}\" rx=\"4\" class=\"bar {9}\"/>"
      "<text x=\"{10:.1f}\" y=\"{11}\" class=\"label\"{12}>{0}</text></g>\n",
      label, bar.process, from_ms, bar.return_ns ? fmt::format("{:.3f}", to_ms) : "?",
      escaped(input_text(bar)), escaped(output_text(bar)), where, y, k_bar_height, ending(bar),
      x_of(span, bar.call_at) + width / 2, y + 16, fits ? "" : " hidden=\"\"");
}

std::string fault_svg(const Timeline& timeline, const Span& span, std::size_t number, int height) {
  const TimelineFault& each = timeline.faults[number];
  const double from_ms = since_start_ms(timeline, each.fault.t_ns);
  const double to_ms = since_start_ms(timeline, std::max(each.fault.t_ns, each.fault.healed_ns));
  const double x = x_of(span, each.from_at);
  return fmt::format(
      "<g class=\"fault\" tabindex=\"0\"><title>fault from {:.3f} to {:.3f} ms: {}</title>"
      "<rect {} y=\"0\" height=\"{}\" class=\"band\"/>"
      "<text x=\"{:.1f}\" y=\"{}\" class=\"kind\">{}</text></g>\n",
      from_ms, to_ms, escaped(fault_text(each)),
      place(span, each.from_at, each.to_at, from_ms, to_ms), height, x + 5,
      static_cast<int>(number) * k_fault_height + 15, escaped(each.fault.kind));
}

/// The names of the lanes stand still; the plot beside them is a viewport of its own, so that what
/// is zoomed out of sight is cut off.
std::string timeline_svg(const Timeline& timeline) {
  const Span span = span_of(timeline);
  const int top = static_cast<int>(timeline.faults.size()) * k_fault_height;
  const int bottom = top + static_cast<int>(timeline.lanes.size()) * k_lane_height;
  std::string names, plot;
  for (std::size_t lane = 0; lane < timeline.lanes.size(); ++lane) {
    const int y = top + static_cast<int>(lane) * k_lane_height + 20;
    names += fmt::format("<text x=\"0\" y=\"{}\">process {}</text>", y + 5, timeline.lanes[lane]);
    plot +=
        fmt::format("<line x1=\"0\" x2=\"{}\" y1=\"{}\" y2=\"{}\" class=\"lane\"/>", k_plot, y, y);
  }
  if (!timeline.faults.empty()) names += "<text x=\"0\" y=\"15\">fault</text>";
  for (std::size_t i = 0; i < timeline.faults.size(); ++i)
    plot += fault_svg(timeline, span, i, bottom);
  for (const TimelineBar& bar : timeline.bars) plot += bar_svg(timeline, span, bar, top);
  return fmt::format(
      "<div class=\"scroll\"><svg class=\"timeline\" viewBox=\"0 0 {0} {1}\" role=\"group\" "
      "aria-label=\"The operations in time; the table below has the same\">\n{2}\n"
      "<svg class=\"plot\" x=\"{3}\" y=\"0\" width=\"{4}\" height=\"{1}\" "
      "data-order=\"0 {5}\" data-ms=\"{6:.6f} {7:.6f}\">\n{8}"
      "<g class=\"ticks\"></g><text x=\"0\" y=\"{9}\" class=\"axis\">time, in order, not to scale "
      "&#8594;</text></svg></svg></div>\n",
      k_width, bottom + k_axis_height, names, k_left, k_plot, span.last_at, span.first_ms,
      span.last_ms, plot, bottom + 20);
}

std::string legend_html(const Timeline& timeline) {
  std::string html;
  const auto key = [&html](std::string_view css, std::string_view text) {
    html += fmt::format("<span><span class=\"mark {}\"></span>{}</span>\n", css, text);
  };
  const auto has = [&](std::string_view end) {
    return std::ranges::any_of(timeline.bars,
                               [&](const TimelineBar& bar) { return ending(bar) == end; });
  };
  if (has("ok")) key("ok", "succeeded");
  if (has("failed")) key("failed", "refused, without effect");
  if (has("open")) key("open", "nobody was told how it ended");
  if (!timeline.faults.empty()) key("band", "a fault, until it was healed");
  return "<p class=\"legend\">\n" + html + "</p>\n";
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

std::string faults_table(const Timeline& timeline) {
  if (timeline.faults.empty()) return "";
  HtmlTable table("The faults, on the same clock",
                  {"fault", "begin ms", "healed ms", "under way", "landed", "what was seen of it"},
                  {false, true, true, true, false, false});
  for (const TimelineFault& each : timeline.faults) {
    const properties::Fault& fault = each.fault;
    table.add({fault.kind, fmt::format("{:.3f}", since_start_ms(timeline, fault.t_ns)),
               fmt::format("{:.3f}", since_start_ms(timeline, fault.healed_ns)),
               fmt::format("{}", fault.in_flight), fault.landed ? "yes" : "no", fault.evidence});
  }
  return table.html();
}

}  // namespace

std::string timeline_html(const Timeline& timeline) {
  return "<div class=\"contradiction\">\n" + timeline_svg(timeline) + legend_html(timeline) +
         operations_table(timeline) + faults_table(timeline) + "</div>\n";
}

}  // namespace boxoffice::reports
