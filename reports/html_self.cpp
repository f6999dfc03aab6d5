// The machine's own noise: what the statistics say of a variant against itself (`compare --self`).
//
// Each repetition is a comparison of its own, with its own interval; the chart has one a place, so
// that it is seen whether the intervals lie around 1 and how wide they are. A result of the same
// machine that is smaller than that is no result.
#include <fmt/format.h>

#include <boost/json/object.hpp>
#include <map>
#include <tuple>

#include "reports/figures.hpp"
#include "reports/html.hpp"
#include "reports/html_text.hpp"
#include "reports/log_ratios.hpp"

namespace boxoffice::reports {
namespace {

namespace json = boost::json;
using Group = std::vector<SelfComparison>;

std::string title_of(const SelfComparison& each) {
  const std::string planted =
      each.planted > 0 ? fmt::format(", a slowdown of {:.4g}% planted", 100 * each.planted) : "";
  return fmt::format("{} against itself, {}, {} on {}{}", each.pair.a, each.key.scenario,
                     load_text(each.key), each.key.database, planted);
}

std::string bound_text(const std::optional<double>& bound) {
  return bound && !is_censored(*bound) ? fmt::format("{:.3f}x", *bound) : "unbounded";
}

std::string conclusion_of(const SelfComparison& each) {
  if (each.pair.conclusion == Conclusion::indicative)
    return each.pair.rounds < k_rounds_min ? "indicative: too few rounds" : "indicative";
  return each.separated() ? "separated" : "not separated";
}

std::string self_table(const Group& group) {
  HtmlTable table("Each self-comparison",
                  {"number", "rounds", "ratio", "low", "high", "coverage", "p", "conclusion"},
                  {true, true, true, true, true, true, true, false});
  for (const SelfComparison& each : group) {
    const Pair& pair = each.pair;
    const std::string missing = missing_text(pair);
    table.add({fmt::format("{}", each.number), fmt::format("{}", pair.rounds),
               pair.ratio && !is_censored(*pair.ratio) ? fmt::format("{:.3f}x", *pair.ratio)
                                                       : standing_text(pair),
               bound_text(pair.low), bound_text(pair.high),
               pair.coverage ? fmt::format("{:.1f}%", 100 * *pair.coverage) : "-",
               p_text(pair.p_value),
               missing.empty() ? conclusion_of(each) : conclusion_of(each) + "; " + missing});
  }
  return table.html();
}

/// Ratios with their intervals, and the line on which there is no difference.
json::array series_of(const Page& page, const Group& group) {
  json::array points, none;
  for (const SelfComparison& each : group) {
    if (!each.pair.ratio || is_censored(*each.pair.ratio)) continue;
    json::object point{{"x", each.number}, {"y", *each.pair.ratio}};
    if (each.pair.low && each.pair.high) {
      point["low"] = *each.pair.low;
      point["high"] = *each.pair.high;
    }
    points.push_back(std::move(point));
    none.push_back(json::object{{"x", each.number}, {"y", 1}});
  }
  if (points.empty()) return {};
  return {json::object{{"name", "ratio, with its interval"},
                       {"colour", page.palette.colour(group.front().pair.a)},
                       {"points", std::move(points)},
                       {"line", false}},
          json::object{{"name", "no difference"},
                       {"colour", Palette::k_colours - 1},
                       {"points", std::move(none)},
                       {"markers", false}}};
}

std::string group_html(Page& page, const Group& group) {
  const std::string title = title_of(group.front());
  json::array series = series_of(page, group);
  if (group.size() < 2 || series.empty())
    return fmt::format("<h3>{}</h3>\n{}", escaped(title), self_table(group));
  return chart_figure(
      page, title,
      {{"kind", "curves"},
       {"x_label", "number of the self-comparison"},
       {"x_unit", ""},
       {"x_scale", "linear"},
       {"y_label", "ratio of the variant's figure to its twin's"},
       {"y_zero", false},
       {"views", json::array{json::object{{"label", ""}, {"series", std::move(series)}}}}},
      self_table(group));
}

}  // namespace

std::string self_section(Page& page) {
  std::map<std::tuple<CellKey, std::string, std::string>, Group> groups;
  for (const SelfComparison& each : page.summary.self)
    groups[{each.key, each.pair.a, each.pair.b}].push_back(each);
  if (groups.empty()) return "";
  std::string html;
  for (const std::string& line : self_texts(page.summary.self))
    html += fmt::format("<p>{}</p>\n", escaped(line));
  std::string groups_html;
  for (const auto& [of, group] : groups) groups_html += group_html(page, group);
  return section(
      "self", "The machine's own noise",
      "<p>The same variant, twice in the same rounds, judged like any pair. Without a "
      "planted slowdown about one in twenty may come out as separated; a difference "
      "between variants that is no larger than these ratios means nothing on this "
      "machine. Where a slowdown is planted, the twin sends that share of requests more, "
      "which are in no figure.</p>\n" +
          html + chart_grid(groups_html));
}

}  // namespace boxoffice::reports
