// What a success costs in attempts, and what became of the others: a stacked bar a variant.
//
// A trial counts attempts (transactions begun by requests that succeeded or were given up), the
// requests that were given up, and the deadlocks that the database saw. So per success there is the
// attempt that sold; the last attempt of each request given up after conflicts or for a lock not
// had in time; deadlocks, each of which ended an attempt; and the rest, retries after a conflict.
// The database counts deadlocks over the whole trial and the clients count in the measured window:
// deadlocks are never drawn as more than the attempts that are left to explain.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/object.hpp>

#include "reports/engines.hpp"
#include "reports/figures.hpp"
#include "reports/html.hpp"
#include "reports/html_text.hpp"
#include "reports/scenarios.hpp"

namespace boxoffice::reports {
namespace {

namespace json = boost::json;

/// Attempts per success by what became of them.
struct Attempts {
  double sold = 1, retry = 0, deadlock = 0, conflict = 0, lock_timeout = 0;

  double lost() const { return retry + deadlock + conflict + lock_timeout; }
};

struct Kind {
  const char* name;
  std::size_t colour;
  double Attempts::*member;
};

constexpr std::array<Kind, 5> k_kinds{
    {{"sold", 7, &Attempts::sold},
     {"retried after a conflict", 0, &Attempts::retry},
     {"ended by a deadlock", 6, &Attempts::deadlock},
     {"given up after conflicts", 1, &Attempts::conflict},
     {"given up: lock not had in time", 4, &Attempts::lock_timeout}}};

std::optional<Attempts> attempts_of(const VariantFigures& variant) {
  if (!variant.attempts_per_success || variant.attempted_successes == 0) return std::nullopt;
  const auto successes = static_cast<double>(variant.attempted_successes);
  double left = std::max(0.0, variant.attempts_per_success->median - 1);
  const auto take = [&left, successes](std::int64_t count) {
    const double share = std::min(left, static_cast<double>(count) / successes);
    left -= share;
    return share;
  };
  Attempts attempts;
  attempts.conflict = take(variant.outcomes.conflict);
  attempts.lock_timeout = take(variant.outcomes.lock_timeout);
  attempts.deadlock = take(variant.deadlocks.value_or(0));
  attempts.retry = left;
  return attempts;
}

json::array series_of(const Cell& cell) {
  json::array series;
  for (const Kind& kind : k_kinds) {
    json::array points;
    bool any = false;
    for (const VariantFigures& variant : cell.variants) {
      const auto attempts = attempts_of(variant);
      if (!attempts) continue;
      points.push_back(
          json::object{{"x", (*attempts).*kind.member}, {"category", variant.variant}});
      any = any || (*attempts).*kind.member > 0;
    }
    if (!any) continue;
    series.push_back(
        json::object{{"name", kind.name}, {"colour", kind.colour}, {"points", std::move(points)}});
  }
  return series;
}

std::string attempts_table(const Page& page, const std::vector<const Cell*>& cells) {
  HtmlTable table("Attempts per success; given up and deadlocks are counts over the rounds",
                  {"load", "variant", "attempts per success", "retried", "deadlock", "given up",
                   "lock timeout", "requests given up", "lock timeouts", "deadlocks counted"},
                  {false, false, true, true, true, true, true, true, true, true});
  for (const Cell* cell : cells) {
    for (const VariantFigures& variant : cell->variants) {
      const auto attempts = attempts_of(variant);
      if (!attempts) continue;
      table.add({load_text(cell->key), HtmlCell::markup(page.palette.swatch(variant.variant)),
                 figure_text(variant.attempts_per_success->median), figure_text(attempts->retry),
                 figure_text(attempts->deadlock), figure_text(attempts->conflict),
                 figure_text(attempts->lock_timeout), thousands(variant.outcomes.conflict),
                 thousands(variant.outcomes.lock_timeout),
                 variant.deadlocks ? thousands(*variant.deadlocks) : "not counted"});
    }
  }
  return table.html();
}

bool any_lost(const std::vector<const Cell*>& cells) {
  return std::ranges::any_of(cells, [](const Cell* cell) {
    return std::ranges::any_of(cell->variants, [](const VariantFigures& variant) {
      const auto attempts = attempts_of(variant);
      return attempts && attempts->lost() > 0;
    });
  });
}

/// One chart a scenario and database in which any attempt was lost at all.
std::string stacked_charts(Page& page) {
  std::string html;
  for (const std::string& database : page.databases) {
    for (const ScenarioFacts& scenario : page.scenarios) {
      const auto cells = cells_of(page.summary.cells, database, scenario.name);
      if (!any_lost(cells)) continue;
      json::array views;
      for (const Cell* cell : cells) {
        json::array series = series_of(*cell);
        if (series.empty()) continue;
        views.push_back(
            json::object{{"label", load_text(cell->key)}, {"series", std::move(series)}});
      }
      std::string title = "What became of the attempts, " + scenario_title(page, scenario.name);
      if (page.databases.size() > 1) title += ", " + engine_name(page.run.manifest, database);
      html += chart_figure(page, title,
                           {{"kind", "stacked"},
                            {"x_label", "attempts per success"},
                            {"y_label", "variant"},
                            {"views", std::move(views)}},
                           attempts_table(page, cells));
    }
  }
  return html;
}

}  // namespace

std::string attempts_section(Page& page) {
  const std::string html = attempts_curves(page) + stacked_charts(page);
  if (html.empty()) return "";
  return section(
      "attempts", "What a success costs in attempts",
      "<p>One is ideal: every transaction that started sold its ticket. More are retries "
      "after a conflict, a deadlock or a lock that was not had in time. Deadlocks are what the "
      "database counted during the whole trial, shown as no more than what is left to "
      "explain.</p>\n" +
          chart_grid(html));
}

}  // namespace boxoffice::reports
