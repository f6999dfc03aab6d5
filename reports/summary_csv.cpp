// summary.csv: RFC 4180, a line a trial, for spreadsheets and notebooks. A figure that a trial has
// no right to (Trial::shows_figures) is an empty cell.
#include <fmt/format.h>

#include "reports/summary.hpp"

namespace boxoffice::reports {
namespace {

std::string quoted(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + "\"";
}

std::string number(const std::optional<double>& value, bool shown) {
  return shown && value ? fmt::format("{}", *value) : "";
}

}  // namespace

std::string summary_csv(const Run& run) {
  std::string out =
      "index,round,control,superseded,database,strategy,variant,scenario,connections,"
      "offered_per_s,metric,goodput_per_s,time_to_sell_out_s,p50_ms,p95_ms,p99_ms,"
      "attempts_per_success,success,existing,sold_out,refused,conflict,lock_timeout,overload,"
      "error,indeterminate,verdict,figure_valid,durability,storage,isolation,pool,"
      "event_concurrency,seed,instances,"
      "censored_at_s,disqualified\r\n";
  for (const Trial& t : run.trials) {
    const bool shown = t.shows_figures();
    const Outcomes& o = t.outcomes;
    out += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},", t.index, t.round,
                       t.control, t.superseded, quoted(t.database), quoted(t.strategy),
                       quoted(t.variant), quoted(t.scenario), t.connections,
                       number(t.offered_per_s, true), metric_name(t.metric),
                       number(t.goodput_per_s, shown), number(t.time_to_sell_out_s, shown),
                       number(t.response.p50, shown), number(t.response.p95, shown),
                       number(t.response.p99, shown), number(t.attempts_per_success, shown));
    out += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}\r\n", o.success,
                       o.existing, o.sold_out, o.refused, o.conflict, o.lock_timeout, o.overload,
                       o.error, o.indeterminate, properties::name_of(t.verdict), t.figure_valid,
                       quoted(t.durability), quoted(t.storage), quoted(t.isolation), t.pool,
                       t.event_concurrency, t.seed, t.instances, number(t.censored_at_s(), shown),
                       t.disqualified);
  }
  return out;
}

}  // namespace boxoffice::reports
