// Puts the page together: head with policy and style, banner, contents, sections, figures, scripts.
#include "reports/html.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "reports/assets.hpp"
#include "reports/html_text.hpp"
#include "reports/scenarios.hpp"

namespace boxoffice::reports {
namespace {

std::string head(const Run& run) {
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
      "style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n"
      "<title>Box Office: {}</title>\n<style>\n{}</style>\n</head>\n",
      escaped(run.manifest.run_id), asset("report.css"));
}

/// The contents are read off the sections, so that none is listed that is not there.
std::string contents(const std::string& sections) {
  constexpr std::string_view k_mark = "<section id=\"";
  std::string links;
  for (std::size_t at = sections.find(k_mark); at != std::string::npos;
       at = sections.find(k_mark, at + 1)) {
    const std::size_t id = at + k_mark.size();
    const std::string name = sections.substr(id, sections.find('"', id) - id);
    const std::size_t title = sections.find('>', sections.find("<h2", at)) + 1;
    links += fmt::format("<a href=\"#{}\">{}</a>\n", name,
                         sections.substr(title, sections.find("</h2>", title) - title));
  }
  return fmt::format("<nav aria-label=\"Contents\">\n{}</nav>\n", links);
}

std::string figure_sections(Page& page) {
  std::string sections = offered_section(page);
  sections += percentile_section(page);
  sections += attempts_section(page);
  sections += time_section(page);
  return sections + fairness_section(page);
}

/// Of a run that asks one strategy whether it is correct: what was caught, each trial, and then
/// what it cost. It compares nothing.
std::string correctness_sections(Page& page) {
  std::string sections = violations_section(page);
  sections += trials_section(page);
  sections += figure_sections(page);
  return sections + method_section(page);
}

std::string comparison_sections(Page& page) {
  std::string sections = winner_map_section(page);
  sections += engines_section(page);
  sections += goodput_section(page);
  sections += figure_sections(page);
  sections += self_section(page);
  sections += seed_table_section(page);
  sections += seed_scenarios_section(page);
  sections += seed_scaling_section(page);
  sections += violations_section(page);
  sections += trials_section(page);
  return sections + method_section(page);
}

}  // namespace

Palette::Palette(const Summary& summary) {
  std::set<std::string> names;
  for (const Cell& cell : summary.cells) {
    for (const VariantFigures& variant : cell.variants) names.insert(variant.variant);
  }
  variants_.assign(names.begin(), names.end());
}

std::size_t Palette::colour(const std::string& variant) const {
  const auto at = std::find(variants_.begin(), variants_.end(), variant);
  return static_cast<std::size_t>(at - variants_.begin()) % k_colours;
}

std::string Palette::swatch(const std::string& variant) const {
  std::string name = escaped(variant);
  if (const auto plus = name.find('+'); plus != std::string::npos) name.insert(plus + 1, "<wbr>");
  return fmt::format("<span class=\"swatch c{}\"></span>{}", colour(variant), name);
}

std::string chart_figure(Page& page, std::string_view title, boost::json::object chart,
                         const std::string& table) {
  const std::string id = fmt::format("chart-{}", page.charts.size());
  chart["id"] = id;
  chart["title"] = std::string(title);
  page.charts.push_back(std::move(chart));
  return fmt::format(
      "<figure class=\"chart\" id=\"{0}\">\n<figcaption>{1}</figcaption>\n"
      "<div class=\"canvas\"><canvas role=\"img\" aria-label=\"{1}; the figures are in the table "
      "below\"></canvas></div>\n{2}</figure>\n",
      id, escaped(title), figures_behind("The figures", table));
}

std::string chart_grid(const std::string& charts) {
  return charts.empty() ? "" : "<div class=\"charts\">\n" + charts + "</div>\n";
}

std::string scenario_title(const Page& page, const std::string& scenario) {
  for (const ScenarioFacts& facts : page.scenarios) {
    if (facts.name == scenario && !facts.summary.empty()) return scenario + ": " + facts.summary;
  }
  return scenario;
}

std::string report_html(const Run& run, const Summary& summary) {
  Page page{run,
            summary,
            Palette(summary),
            scenarios_by_contention(run, summary.cells),
            databases_of(summary.cells),
            {}};
  const bool correctness = run.manifest.command == "verify" || run.manifest.command == "selftest";
  const std::string sections = correctness ? correctness_sections(page) : comparison_sections(page);
  const std::string data = json_for_script(boost::json::object{{"charts", page.charts}});
  std::string html = head(run) + "<body>\n" + verdict_banner(page);
  html += contents(sections) + "<main>\n" + sections + "</main>\n";
  html += fmt::format("<script type=\"application/json\" id=\"data\">{}</script>\n", data);
  html += "<script>";
  html += asset("chart.min.js");
  html += "</script>\n<script>\n";
  html += asset("timeline.js");
  html += asset("charts.js");
  return html + "</script>\n</body>\n</html>\n";
}

}  // namespace boxoffice::reports
