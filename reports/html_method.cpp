// How each figure was obtained, with what settings, and the command that repeats it.
#include <fmt/format.h>

#include "reports/engines.hpp"
#include "reports/figures.hpp"
#include "reports/html.hpp"
#include "reports/html_text.hpp"
#include "reports/replay.hpp"

namespace boxoffice::reports {
namespace {

std::string settings_table(std::string_view caption, const NamedTexts& settings) {
  if (settings.empty()) return "";
  HtmlTable table(caption, {"name", "value"}, {false, false});
  for (const auto& [name, value] : settings) table.add({name, value});
  return figures_behind(caption, table.html());
}

std::string reference_html(const Manifest& manifest) {
  if (manifest.reference.empty()) return "";
  HtmlTable table("What the database alone does with the same statements",
                  {"tool", "database", "strategy", "clients", "transactions/s", "rounds", "range"},
                  {false, false, false, true, true, true, true});
  for (const ReferenceLines& reference : references_of(manifest)) {
    for (const ReferenceLine& line : reference.lines) {
      table.add({line.name, engine_name(manifest, reference.database), line.strategy,
                 thousands(line.clients), figure_text(line.per_s), thousands(line.rounds),
                 fmt::format("{}..{}", figure_text(line.low_per_s), figure_text(line.high_per_s))});
    }
  }
  return "<h3>Reference line</h3>\n<p>The same statements on one hot event, without HTTP and ORM: "
         "against a cell of one "
         "event what those cost is "
         "the difference; many events wait less for each other. The tool sends one statement a "
         "round trip; on PostgreSQL the server "
         "sends "
         "several in one, so that it can be ahead of the line.</p>\n" +
         (manifest.databases.size() > 1 ? fmt::format("<p>{}</p>\n", k_engines_note) : "") +
         table.html();
}

/// On what this was measured, and on what the project's own tests run.
std::string engines_html(const Manifest& manifest) {
  std::string measured;
  for (const DatabaseFacts& database : manifest.databases)
    measured += (measured.empty() ? "" : ", ") + database_text(database);
  return fmt::format(
      "<p>Measured here: {}. The strategies are tested on {}; a version is what the server says of "
      "itself.</p>\n",
      escaped(measured), k_engines_tested);
}

constexpr std::string_view k_method = R"(<dl class="method">
<dt>Trial</dt><dd>A fresh database state, a fresh server, one variant, one load. Trials of all
variants are interleaved in rounds, each round in another order. Warm-up is left out.</dd>
<dt>Goodput</dt><dd>Successes a second in the measured window. Sold out, conflicts, timeouts,
refusals and errors are counted apart, and so is the reply that returns one's own hold.</dd>
<dt>Time to sell out</dt><dd>From the first reserve to the reply that took the last ticket or first
said "sold out", of the event that was last. Where that did not happen in the scenario's time it is
above that time ("&gt; 30").</dd>
<dt>Settled a second</dt><dd>Buyers who got a ticket or were told "sold out", over the measured
window: what the seed's three loads are judged by.</dd>
<dt>Response time</dt><dd>From the intended start to the parsed reply, of successes only: free of
coordinated omission where the load is open. Service time starts when the request left; schedule lag
is the difference at the start. A variant's p50, p95 and p99 are medians over its rounds of each
trial's percentile.</dd>
<dt>Percentile curves</dt><dd>All rounds of a variant in a cell merged, so that one slow round is in
the tail: not the medians of the rounds' percentiles, which leave it out.</dd>
<dt>Attempts per success</dt><dd>Transactions begun by requests that succeeded or were given up, as
the server's replies count them, over the successes among them. Deadlocks are what the database
counted between the trial's begin and end.</dd>
<dt>Statements and round trips per success</dt><dd>What the server's sessions sent for the reserves
that made a hold, all tries of a request together, over their number: BEGIN, COMMIT and ROLLBACK are
statements; a round trip is a wait for the database's answer, of one statement or of several that
travel together. Counted where they are sent, in the measured window.</dd>
<dt>Fairness</dt><dd>Jain's index over the reservations of each user who asked, from the trial's
whole history: (sum of x)&#178; / (n &#183; sum of x&#178;).</dd>
<dt>Which trials count</dt><dd>Verdict pass and a valid figure. A variant that violated an invariant
in any trial on a database has no figure of that database anywhere, and a control has none at all.
A run that is no pass, or that ended before its last round, names no winner. A trial that came out
invalid runs once more, visibly. A correct trial that did not sell out in its time, or had no
success, counts: its round is lost to a variant that did, and a tie with one that did not
either.</dd>
<dt>Ratio and interval</dt><dd>Per round the log of the ratio of two variants' figures; the median
over the rounds, and the interval of that median by order statistics of the binomial distribution,
with its exact coverage of at least 95%. Fewer than six rounds have no bounded interval. Of a round
that neither finished the ratio is not known: it widens the interval to both sides, and where it is in
the middle there is no ratio.</dd>
<dt>Conclusion</dt><dd>Exact two-sided sign test, Holm's correction over the pairs of one cell, 5%,
and a median difference of at least 5%. Otherwise two variants are not separated, which is not the
same as equal; nor are they where one of them has no figure in more than a quarter of its rounds.
With fewer rounds than one pair could be separated in (seven for three variants, eight for four)
everything is indicative.</dd>
<dt>Verdict</dt><dd>The clients' history, the database's final state and the model are held against
each other. A control, a strategy with one deliberate bug, must be caught in the same run.</dd>
</dl>
)";

}  // namespace

std::string method_section(const Page& page) {
  const Manifest& manifest = page.run.manifest;
  std::string html = std::string(k_method) + engines_html(manifest);
  const std::string command = repeat_command(manifest);
  if (!command.empty()) {
    html += fmt::format("<h3>The command that repeats this run</h3>\n<pre><code>{}</code></pre>\n",
                        escaped(command));
  }
  html += reference_html(manifest);
  html += settings_table("Effective configuration", manifest.configuration);
  for (const DatabaseFacts& database : manifest.databases) {
    html += settings_table("Settings of " + database_text(database), database.settings);
  }
  html += fmt::format("<p class=\"place\">{}, {} of memory, kernel {}, governor {}</p>\n",
                      escaped(manifest.host.cpu),
                      fmt::format("{:.1f} GiB", static_cast<double>(manifest.host.memory_bytes) /
                                                    (1024.0 * 1024 * 1024)),
                      escaped(manifest.host.kernel),
                      escaped(manifest.host.governor.value_or("unknown")));
  return section("method", "How each figure was obtained", html);
}

}  // namespace boxoffice::reports
