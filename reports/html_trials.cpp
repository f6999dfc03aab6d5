// Every trial in a table, with all that a figure stands beside. A trial that has no right to a
// figure shows its verdict only, and so does a control.
#include <fmt/format.h>

#include "reports/figures.hpp"
#include "reports/html.hpp"
#include "reports/html_text.hpp"

namespace boxoffice::reports {
namespace {

HtmlCell verdict_cell(const Trial& trial) {
  std::string word(properties::name_of(trial.verdict));
  const bool pass = trial.verdict == properties::Outcome::pass;
  bool good = pass;
  if (trial.control) {
    good = trial.caught();
    word += good ? " (caught)" : " (not caught)";
  }
  const char* css = good ? "confirms" : trial.superseded ? "open" : "refutes";
  std::string html = fmt::format("<span class=\"badge {}\">{}</span>", css, escaped(word));
  if (const auto* shown = trial.shown_violation()) html += " " + escaped(shown->invariant);
  if (!trial.verdict_why.empty()) {
    html += fmt::format(" <small>{}</small>", escaped(trial.verdict_why));
  }
  if (trial.superseded) html += " <small>ran again</small>";
  if (trial.repeated) html += " <small>repetition</small>";
  if (pass && !trial.figure_valid) {
    html += fmt::format(" <small>figure not valid: {}</small>", escaped(trial.figure_why));
  } else if (pass && !trial.latency_why.empty()) {
    html += fmt::format(" <small>{}</small>", escaped(trial.latency_why));
  }
  if (pass && trial.disqualified)
    html += " <small>no figure: the variant violated an invariant in another trial</small>";
  return HtmlCell::markup(html, "wide");
}

std::string outcomes_text(const Outcomes& o) {
  std::string text;
  const auto add = [&text](std::string_view name, std::int64_t count) {
    if (count > 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", thousands(count), name);
  };
  add("success", o.success);
  add("existing", o.existing);
  add("sold out", o.sold_out);
  add("refused", o.refused);
  add("conflict", o.conflict);
  add("lock timeout", o.lock_timeout);
  add("overload", o.overload);
  add("error", o.error);
  add("indeterminate", o.indeterminate);
  return text;
}

}  // namespace

std::string trials_section(const Page& page) {
  HtmlTable table("Every trial, in the order in which they ran",
                  {"#", "round", "variant", "scenario", "load", "verdict", "goodput /s",
                   "sold out in s", "p50 ms", "p99 ms", "tries", "outcomes", "database",
                   "durability", "storage", "isolation", "pool", "K", "seed"},
                  {true, true, false, false, false, false, true, true, true, true, true, false,
                   false, false, false, false, true, true, true});
  for (const Trial& t : page.run.trials) {
    const HtmlCell variant = t.control ? HtmlCell(t.variant + " (control)")
                                       : HtmlCell::markup(page.palette.swatch(t.variant));
    table.add({fmt::format("{}", t.index), fmt::format("{}", t.round), variant, t.scenario,
               load_text(t), verdict_cell(t), trial_figure(t, t.goodput_per_s), sell_out_text(t),
               trial_figure(t, t.response.p50), trial_figure(t, t.response.p99),
               trial_figure(t, t.attempts_per_success),
               HtmlCell::styled(outcomes_text(t.outcomes), "wide"), t.database, t.durability,
               t.storage, t.isolation, fmt::format("{}", t.pool),
               t.event_concurrency == 0 ? "unlimited" : fmt::format("{}", t.event_concurrency),
               fmt::format("{}", t.seed)});
  }
  return section("trials", "Every trial",
                 "<p>K is the server's limit of transactions of one event in the database.</p>\n"
                 "<div class=\"tall\">" +
                     table.html() + "</div>\n");
}

}  // namespace boxoffice::reports
