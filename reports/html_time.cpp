// Where the time of a successful reserve goes, from the server's own histograms, and what a success
// costs the database, from the database's counters.
//
// A bar a variant, its parts adding up to the mean time from the request's last byte to its reply;
// quantiles of each part are in the table, for parts of quantiles do not add up. What an engine
// does not tell is called so, and never shown as 0.
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
using Cells = std::vector<const Cell*>;
using Trials = std::vector<const Trial*>;

struct Part {
  const char *key, *name;
  std::size_t colour;
};

/// In the order of a request's way through them.
constexpr std::array<Part, 7> k_parts{{{"admission", "waits for admission", 3},
                                       {"pool", "waits for a connection", 2},
                                       {"locking", "step that takes the lock", 0},
                                       {"pauses", "pauses before another try", 1},
                                       {"statements", "other statements", 4},
                                       {"commit", "commit", 6},
                                       {"server", "the server's own", 7}}};

/// The trials of a variant in a cell that have figures.
Trials trials_of(const Page& page, const Cell& cell, const VariantFigures& variant) {
  Trials trials;
  if (!variant.figure) return trials;
  for (const Trial& trial : page.run.trials) {
    const bool ours = trial.variant == variant.variant && trial.twin_of.empty() &&
                      key_of(trial) == cell.key && trial.figure();
    if (ours) trials.push_back(&trial);
  }
  return trials;
}

/// The median over the trials of what `of` says of each, where it says anything.
template <class Of>
std::optional<Spread> over(const Trials& trials, Of of) {
  std::vector<double> values;
  for (const Trial* trial : trials) {
    if (const std::optional<double> value = of(*trial)) values.push_back(*value);
  }
  return spread(values);
}

std::optional<Spread> part_time(const Trials& trials, const char* part,
                                std::optional<double> (*of)(const PartTime&)) {
  return over(trials, [&](const Trial& trial) -> std::optional<double> {
    const auto found = trial.reserve_times.find(part);
    return found == trial.reserve_times.end() ? std::nullopt : of(found->second);
  });
}

std::optional<double> mean_of(const PartTime& part) {
  return part.mean;
}

json::array series_of(const Page& page, const Cell& cell) {
  json::array series;
  for (const Part& part : k_parts) {
    json::array points;
    double largest = 0;
    for (const VariantFigures& variant : cell.variants) {
      const auto mean = part_time(trials_of(page, cell, variant), part.key, &mean_of);
      if (!mean) continue;
      points.push_back(json::object{{"x", mean->median}, {"category", variant.variant}});
      largest = std::max(largest, mean->median);
    }
    if (largest == 0) continue;
    series.push_back(
        json::object{{"name", part.name}, {"colour", part.colour}, {"points", std::move(points)}});
  }
  return series;
}

/// "1.23 (0.91 / 4.10)": mean, median, p99.
std::string part_text(const Trials& trials, const char* part) {
  const auto mean = part_time(trials, part, &mean_of);
  if (!mean) return "not told";
  const auto quantile = [&](std::optional<double> (*of)(const PartTime&)) {
    const auto value = part_time(trials, part, of);
    return value ? figure_text(value->median) : "-";
  };
  return fmt::format("{} ({} / {})", figure_text(mean->median),
                     quantile([](const PartTime& time) { return time.p50; }),
                     quantile([](const PartTime& time) { return time.p99; }));
}

std::string times_table(const Page& page, const Cells& cells) {
  std::vector<std::string> header{"load", "variant", "holds made"};
  std::vector<bool> numeric{false, false, true};
  for (const Part& part : k_parts) {
    header.emplace_back(part.name);
    numeric.push_back(true);
  }
  HtmlTable table("Milliseconds of a reserve that made a hold: mean (p50 / p99), median of rounds",
                  header, numeric);
  for (const Cell* cell : cells) {
    for (const VariantFigures& variant : cell->variants) {
      const Trials trials = trials_of(page, *cell, variant);
      if (!part_time(trials, "server", &mean_of)) continue;
      std::int64_t holds = 0;
      for (const Trial* trial : trials) holds += trial->holds_made;
      std::vector<HtmlCell> row{load_text(cell->key),
                                HtmlCell::markup(page.palette.swatch(variant.variant)),
                                thousands(holds)};
      for (const Part& part : k_parts) row.emplace_back(part_text(trials, part.key));
      table.add(row);
    }
  }
  return table.html();
}

std::string time_charts(Page& page) {
  std::string html;
  for (const std::string& database : page.databases) {
    for (const ScenarioFacts& scenario : page.scenarios) {
      const Cells cells = cells_of(page.summary.cells, database, scenario.name);
      json::array views;
      for (const Cell* cell : cells) {
        json::array series = series_of(page, *cell);
        if (series.empty()) continue;
        views.push_back(
            json::object{{"label", load_text(cell->key)}, {"series", std::move(series)}});
      }
      if (views.empty()) continue;
      std::string title = "Where the time goes, " + scenario_title(page, scenario.name);
      if (page.databases.size() > 1) title += ", " + engine_name(page.run.manifest, database);
      html += chart_figure(page, title,
                           {{"kind", "stacked"},
                            {"x_label", "ms a reserve that made a hold (mean)"},
                            {"y_label", "variant"},
                            {"views", std::move(views)}},
                           times_table(page, cells));
    }
  }
  return html;
}

/// A mean over fewer looks at who waits would be the luck of the moment.
constexpr std::int64_t k_samples_min = 12;

/// What the database counted, for each success.
std::optional<double> per_success(const Trial& trial, const std::optional<double>& total) {
  if (!trial.activity || trial.activity->successes == 0 || !total) return std::nullopt;
  return *total / static_cast<double>(trial.activity->successes);
}

std::optional<double> as_number(const std::optional<std::int64_t>& count) {
  return count ? std::optional(static_cast<double>(*count)) : std::nullopt;
}

std::string or_not_told(const std::optional<Spread>& value) {
  return value ? figure_text(value->median) : "not told";
}

/// InnoDB sums up the waits; PostgreSQL says how many sessions wait, which the samples sum up.
std::string lock_wait_text(const Trials& trials) {
  const auto told = over(trials, [](const Trial& trial) {
    return trial.activity ? per_success(trial, trial.activity->lock_wait_ms) : std::nullopt;
  });
  if (told) return figure_text(told->median);
  const auto sampled = over(trials, [](const Trial& trial) -> std::optional<double> {
    const bool enough = trial.activity && trial.activity->samples >= k_samples_min;
    if (!enough || !trial.activity->waiting_mean) return std::nullopt;
    return per_success(trial, 1e3 * *trial.activity->waiting_mean * trial.activity->window_s);
  });
  return sampled ? "about " + figure_text(sampled->median) : "not told";
}

void add_row(HtmlTable& table, const Page& page, const Cell& cell, const VariantFigures& variant) {
  const Trials trials = trials_of(page, cell, variant);
  if (std::ranges::none_of(trials, [](const Trial* trial) { return trial->activity.has_value(); }))
    return;
  table.add(
      {cell.key.scenario, load_text(cell.key),
       HtmlCell::markup(page.palette.swatch(variant.variant)), lock_wait_text(trials),
       or_not_told(over(trials,
                        [](const Trial& trial) {
                          return trial.activity
                                     ? per_success(trial, as_number(trial.activity->lock_waits))
                                     : std::nullopt;
                        })),
       variant.deadlocks ? thousands(*variant.deadlocks) : "not told",
       or_not_told(over(trials,
                        [](const Trial& trial) {
                          return trial.activity
                                     ? per_success(trial, as_number(trial.activity->log_bytes))
                                     : std::nullopt;
                        })),
       or_not_told(over(trials, [](const Trial& t) { return t.commits_per_success; })),
       or_not_told(variant.statements_per_success), or_not_told(variant.round_trips_per_success)});
}

std::string activity_tables(const Page& page) {
  std::string html;
  for (const std::string& database : page.databases) {
    const std::string title =
        "What a success costs the database: " + engine_name(page.run.manifest, database);
    HtmlTable table(
        title + ", median of the rounds",
        {"scenario", "load", "variant", "lock wait, ms", "lock waits", "deadlocks (all rounds)",
         "log bytes", "transactions", "statements", "round trips"},
        {false, false, false, true, true, true, true, true, true, true});
    bool any = false;
    for (const ScenarioFacts& scenario : page.scenarios) {
      for (const Cell* cell : cells_of(page.summary.cells, database, scenario.name)) {
        for (const VariantFigures& variant : cell->variants) {
          add_row(table, page, *cell, variant);
          any = any || std::ranges::any_of(trials_of(page, *cell, variant), [](const Trial* trial) {
                  return trial->activity.has_value();
                });
        }
      }
    }
    if (any) html += figures_behind(title, table.html());
  }
  return html;
}

/// "Asking took at most 0.7% of one session's time."
std::string sampling_text(const Page& page) {
  double share = 0;
  std::int64_t samples = 0;
  for (const Trial& trial : page.run.trials) {
    if (!trial.activity) continue;
    share = std::max(share, trial.activity->sampling_share);
    samples += trial.activity->samples;
  }
  return fmt::format(
      "<p>The database was asked {} times; in no trial did that cost it more than {}% of one "
      "session's time (questions times the quickest answer).</p>\n",
      thousands(samples), figure_text(100 * share));
}

}  // namespace

std::string time_section(Page& page) {
  const std::string charts = time_charts(page);
  const std::string tables = activity_tables(page);
  if (charts.empty() && tables.empty()) return "";
  std::string html =
      "<p>Of the reserves that made a hold, what the server measured from the request's last byte "
      "to its reply. The step that takes the lock is the round trip whose statement may wait for "
      "another transaction's row lock, with the look-up that travels in it; on PostgreSQL commit "
      "has the statements that travel with COMMIT. All tries of a request count together. The "
      "server's own is what is left: reading and "
      "writing, waiting for a processor, and the look-up of the user's token in the database where "
      "it is not known from before. "
      "Quantiles are as sharp as the server's buckets (/metrics, "
      "boxoffice_reserve_time_seconds).</p>\n" +
      chart_grid(charts);
  if (!tables.empty()) {
    html +=
        "<p>What the database itself counted in the measured window, for each success, reads "
        "apart; "
        "transactions and deadlocks in the whole trial, those of the audit and of the sweep among "
        "them. As a transaction PostgreSQL counts each look-up of tokens and each read, too, "
        "MariaDB and MySQL count COMMITs only. \"About\" "
        "is a lock wait that was sampled, twelve times at least, where the engine keeps no sum. "
        "InnoDB's figures are of "
        "the whole server. Statements and round trips are of reserves that made a hold, all their "
        "tries together, as the server counted what it sent.</p>\n" +
        tables + sampling_text(page);
  }
  return section("time", "Where the time of a success goes", html);
}

}  // namespace boxoffice::reports
