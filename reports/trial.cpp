// Reads trial.json, and says which trial has a figure.
#include "reports/trial.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace boxoffice::reports {
namespace {

Latency parse_latency(const Fields& fields) {
  return {.count = fields.count("count"),
          .p50 = fields.number_or_null("p50"),
          .p90 = fields.number_or_null("p90"),
          .p95 = fields.number_or_null("p95"),
          .p99 = fields.number_or_null("p99"),
          .p999 = fields.number_or_null("p999"),
          .max = fields.number_or_null("max")};
}

Outcomes parse_outcomes(const Fields& fields) {
  return {.success = fields.count("success"),
          .existing = fields.count("existing"),
          .sold_out = fields.count("sold_out"),
          .refused = fields.count("refused"),
          .conflict = fields.count("conflict"),
          .lock_timeout = fields.count("lock_timeout"),
          .overload = fields.count("overload"),
          .error = fields.count("error"),
          .indeterminate = fields.count("indeterminate")};
}

Metric parse_metric(const Fields& fields) {
  const std::string name = fields.text("metric");
  for (const Metric metric : {Metric::goodput, Metric::time_to_sell_out}) {
    if (name == metric_name(metric)) return metric;
  }
  fields.fail("metric", fmt::format("\"{}\" is not a metric", name));
}

properties::Outcome parse_outcome(const Fields& fields) {
  const std::string name = fields.text("verdict");
  const auto outcome = properties::outcome_named(name);
  if (!outcome) fields.fail("verdict", fmt::format("\"{}\" is not a verdict", name));
  return *outcome;
}

std::vector<properties::Violation> parse_violations(const Fields& fields) {
  std::vector<properties::Violation> violations;
  for (const Fields& item : fields.objects("violations")) {
    violations.push_back({.invariant = item.text("invariant"),
                          .message = item.text("message"),
                          .event_id = item.has("event_id") ? item.integer("event_id") : 0,
                          .operations = item.integers("operations"),
                          .reservations = item.integers("reservations")});
  }
  return violations;
}

bool parse_open_loop(const Fields& fields) {
  const std::string loop = fields.text("loop");
  if (loop != "open" && loop != "closed") fields.fail("loop", "is neither \"open\" nor \"closed\"");
  return loop == "open";
}

void parse_reserve_times(const Fields& fields, Trial& trial) {
  trial.holds_made = fields.count("count");
  const Fields parts = fields.object("parts");
  for (const std::string& name : parts.names()) {
    const Fields part = parts.object(name);
    trial.reserve_times[name] = {part.number("mean"), part.number_or_null("p50"),
                                 part.number_or_null("p90"), part.number_or_null("p99")};
  }
}

DatabaseActivity parse_activity(const Fields& fields) {
  const auto count = [&](std::string_view name) {
    return fields.has(name) ? std::optional(fields.count(name)) : std::nullopt;
  };
  return {.window_s = fields.number("window_s"),
          .successes = fields.count("successes"),
          .samples = fields.count("samples"),
          .sampling_share = fields.number("sampling_share"),
          .waiting_mean = fields.number_or_null("waiting_mean"),
          .lock_waits = count("lock_waits"),
          .log_bytes = count("log_bytes"),
          .lock_wait_ms = fields.number_or_null("lock_wait_ms")};
}

void parse_traffic(const Fields& fields, Trial& trial) {
  const auto holds = static_cast<double>(fields.count("count"));
  const auto statements = static_cast<double>(fields.count("statements"));
  const auto round_trips = static_cast<double>(fields.count("round_trips"));
  if (holds == 0) return;
  trial.statements_per_success = statements / holds;
  trial.round_trips_per_success = round_trips / holds;
}

void parse_attribution(const Fields& fields, Trial& trial) {
  if (fields.has("deadlocks")) trial.deadlocks = fields.count("deadlocks");
  if (fields.has("commits_per_success"))
    trial.commits_per_success = fields.number("commits_per_success");
  if (fields.has("reserve_times_ms")) parse_reserve_times(fields.object("reserve_times_ms"), trial);
  if (fields.has("reserve_traffic")) parse_traffic(fields.object("reserve_traffic"), trial);
  if (fields.has("database_activity"))
    trial.activity = parse_activity(fields.object("database_activity"));
}

/// A bound among figures would be read as one.
template <class Figures>
void drop_bounds(Figures& figures) {
  figures.response = figures.schedule_lag = {};
}

void parse_stages(const Fields& fields, Trial& trial) {
  for (const Fields& stage : fields.objects("stages")) {
    const Fields latency = stage.object("latency_ms");
    trial.stages.push_back({.from_per_s = stage.number("from_per_s"),
                            .to_per_s = stage.number("to_per_s"),
                            .duration_s = stage.number("duration_s"),
                            .measured_s = stage.number("measured_s"),
                            .sent = stage.count("sent"),
                            .unsent = stage.has("unsent") ? stage.count("unsent") : 0,
                            .goodput_per_s = stage.number_or_null("goodput_per_s"),
                            .outcomes = parse_outcomes(stage.object("outcomes")),
                            .service = parse_latency(latency.object("service")),
                            .response = parse_latency(latency.object("response")),
                            .schedule_lag = parse_latency(latency.object("schedule_lag"))});
    StageFigures& made = trial.stages.back();
    if (100 * made.unsent > made.sent + made.unsent) drop_bounds(made);
  }
}

void parse_load(const Fields& fields, Trial& trial) {
  trial.metric = parse_metric(fields);
  trial.connections = fields.count("connections");
  trial.threads = fields.count("threads");
  if (fields.has("instances")) trial.instances = fields.count("instances");
  trial.open_loop = parse_open_loop(fields);
  trial.offered_per_s = fields.number_or_null("offered_per_s");
  trial.warmup_s = fields.number("warmup_s");
  trial.duration_s = fields.number("duration_s");
  trial.measured_s = fields.number("measured_s");
  trial.started_per_s = fields.number("started_per_s");
  trial.goodput_per_s = fields.number("goodput_per_s");
  trial.time_to_sell_out_s = fields.number_or_null("time_to_sell_out_s");
  trial.outcomes = parse_outcomes(fields.object("outcomes"));
  const Fields latency = fields.object("latency_ms");
  trial.service = parse_latency(latency.object("service"));
  trial.response = parse_latency(latency.object("response"));
  trial.schedule_lag = parse_latency(latency.object("schedule_lag"));
  trial.attempts_per_success = fields.number_or_null("attempts_per_success");
  trial.attempted_successes = fields.has("attempted_successes")
                                  ? fields.count("attempted_successes")
                                  : trial.outcomes.success;  // of older versions
  if (fields.has("load")) {                                  // runs of older versions may lack it
    const Fields generator = fields.object("load");
    if (generator.has("unsent")) trial.unsent = generator.count("unsent");
  }
  parse_stages(fields, trial);
  parse_attribution(fields, trial);
  if (fields.has("fairness")) trial.fairness = fields.object("fairness").number("jain");
}

}  // namespace

Trial parse_trial(const boost::json::value& value, const std::string& where) {
  const Fields fields(value, where);
  fields.expect_schema("boxoffice.trial/1");
  Trial trial;
  trial.index = fields.count("index");
  trial.round = fields.count("round");
  trial.control = fields.flag("control");
  trial.repeated = fields.flag("repeated");
  trial.twin_of = fields.text_or("twin_of", "");
  if (fields.has("planted")) trial.planted = fields.number("planted");
  if (fields.has("caught_by")) trial.caught_by = fields.texts("caught_by");
  trial.database = fields.text("database");
  trial.strategy = fields.text("strategy");
  trial.variant = fields.text("variant");
  trial.scenario = fields.text("scenario");
  trial.scenario_settings = fields.named_texts("scenario_settings");
  trial.event_concurrency = fields.count("event_concurrency");
  parse_load(fields, trial);
  trial.verdict = parse_outcome(fields);
  trial.violations = parse_violations(fields);
  // Two statements of the same fact that disagree are a damaged file, whichever of them is right.
  if (trial.verdict == properties::Outcome::pass && !trial.violations.empty()) {
    fields.fail("violations", "are listed although the verdict is \"pass\"");
  }
  trial.figure_valid = fields.flag("figure_valid");
  trial.figure_why = fields.text("figure_why");
  trial.latency_why = fields.text_or("latency_why", "");
  if (!trial.latency_why.empty()) drop_bounds(trial);
  trial.durability = fields.text("durability");
  trial.storage = fields.text("storage");
  trial.isolation = fields.text("isolation");
  trial.pool = fields.count("pool");
  trial.hold_ms = fields.count("hold_ms");
  trial.seed = fields.seed("seed");
  return trial;
}

std::int64_t Trial::due() const {
  return unsent + std::llround(started_per_s * measured_s);
}

const properties::Violation* Trial::catching() const {
  if (!control || verdict != properties::Outcome::violation) return nullptr;
  const auto found = std::ranges::find_if(violations, [&](const auto& violation) {
    return caught_by.empty() || std::ranges::count(caught_by, violation.invariant) > 0;
  });
  return found == violations.end() ? nullptr : &*found;
}

const properties::Violation* Trial::shown_violation() const {
  if (const properties::Violation* violation = catching()) return violation;
  return violations.empty() ? nullptr : &violations.front();
}

bool Trial::shows_figures() const {
  return !control && !disqualified && figure_valid && verdict == properties::Outcome::pass;
}

std::optional<double> Trial::figure() const {
  if (superseded || !shows_figures()) return std::nullopt;
  if (metric == Metric::goodput)
    return goodput_per_s >= 0 ? std::optional(goodput_per_s) : std::nullopt;
  if (!time_to_sell_out_s) return std::numeric_limits<double>::infinity();
  return *time_to_sell_out_s > 0 ? time_to_sell_out_s : std::nullopt;
}

std::optional<double> Trial::censored_at_s() const {
  const bool censored = metric == Metric::time_to_sell_out && !time_to_sell_out_s && figure();
  return censored ? std::optional(measured_s) : std::nullopt;
}

Outcomes& Outcomes::operator+=(const Outcomes& other) {
  success += other.success;
  existing += other.existing;
  sold_out += other.sold_out;
  refused += other.refused;
  conflict += other.conflict;
  lock_timeout += other.lock_timeout;
  overload += other.overload;
  error += other.error;
  indeterminate += other.indeterminate;
  return *this;
}

double Outcomes::unanswered_share() const {
  const std::int64_t all = total(), without = gave_up() + overload + error + indeterminate;
  return all == 0 ? 0 : static_cast<double>(without) / static_cast<double>(all);
}

std::string_view metric_name(Metric metric) {
  return metric == Metric::goodput ? "goodput" : "time_to_sell_out";
}

}  // namespace boxoffice::reports
