// summary.json. A figure that a trial has no right to (Trial::shows_figures) is null: whoever reads
// the file with a program is not to mistake the speed of a wrong answer for a result.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "properties/verdict_json.hpp"
#include "reports/json_text.hpp"
#include "reports/log_ratios.hpp"
#include "reports/summary.hpp"

namespace boxoffice::reports {
namespace {

namespace json = boost::json;

template <class T>
json::value or_null(const std::optional<T>& value) {
  return value ? json::value(*value) : json::value(nullptr);
}

json::object outcomes_json(const Outcomes& o) {
  return {{"success", o.success},   {"existing", o.existing}, {"sold_out", o.sold_out},
          {"refused", o.refused},   {"conflict", o.conflict}, {"lock_timeout", o.lock_timeout},
          {"overload", o.overload}, {"error", o.error},       {"indeterminate", o.indeterminate}};
}

json::string word(std::string_view name) {
  return json::string(name.data(), name.size());
}

json::value reserve_times_json(const Trial& trial) {
  if (trial.reserve_times.empty()) return nullptr;
  json::object parts;
  for (const auto& [name, part] : trial.reserve_times) {
    parts[name] = {{"mean", part.mean},
                   {"p50", or_null(part.p50)},
                   {"p90", or_null(part.p90)},
                   {"p99", or_null(part.p99)}};
  }
  return json::object{{"count", trial.holds_made}, {"parts", std::move(parts)}};
}

json::value activity_json(const Trial& trial) {
  if (!trial.activity) return nullptr;
  const DatabaseActivity& activity = *trial.activity;
  return json::object{{"window_s", activity.window_s},
                      {"successes", activity.successes},
                      {"samples", activity.samples},
                      {"sampling_share", activity.sampling_share},
                      {"waiting_mean", or_null(activity.waiting_mean)},
                      {"lock_waits", or_null(activity.lock_waits)},
                      {"lock_wait_ms", or_null(activity.lock_wait_ms)},
                      {"log_bytes", or_null(activity.log_bytes)}};
}

json::object latency_json(const Latency& latency) {
  return {{"count", latency.count},      {"p50", or_null(latency.p50)},
          {"p90", or_null(latency.p90)}, {"p95", or_null(latency.p95)},
          {"p99", or_null(latency.p99)}, {"p999", or_null(latency.p999)},
          {"max", or_null(latency.max)}};
}

json::value stages_json(const Trial& trial) {
  if (trial.stages.empty()) return nullptr;
  json::array stages;
  for (const StageFigures& stage : trial.stages) {
    stages.push_back(json::object{
        {"from_per_s", stage.from_per_s},
        {"to_per_s", stage.to_per_s},
        {"duration_s", stage.duration_s},
        {"measured_s", stage.measured_s},
        {"sent", stage.sent},
        {"unsent", stage.unsent},
        {"goodput_per_s", or_null(stage.goodput_per_s)},
        {"outcomes", outcomes_json(stage.outcomes)},
        {"latency_ms", json::object{{"service", latency_json(stage.service)},
                                    {"response", latency_json(stage.response)},
                                    {"schedule_lag", latency_json(stage.schedule_lag)}}}});
  }
  return stages;
}

json::object trial_json(const Trial& trial) {
  const bool shown = trial.shows_figures();
  const auto figure = [shown](const std::optional<double>& value) {
    return shown ? or_null(value) : json::value(nullptr);
  };
  return {{"database", trial.database},
          {"strategy", trial.strategy},
          {"variant", trial.variant},
          {"scenario", trial.scenario},
          {"connections", trial.connections},
          {"instances", trial.instances},
          {"round", trial.round},
          {"metric", word(metric_name(trial.metric))},
          {"durability", trial.durability},
          {"storage", trial.storage},
          {"isolation", trial.isolation},
          {"pool", trial.pool},
          {"event_concurrency", trial.event_concurrency},
          {"threads", trial.threads},
          {"hold_ms", trial.hold_ms},
          {"seed", trial.seed},
          {"offered_per_s", or_null(trial.offered_per_s)},
          {"unsent", trial.open_loop ? json::value(trial.unsent) : json::value(nullptr)},
          {"goodput_per_s", figure(trial.goodput_per_s)},
          {"time_to_sell_out_s", figure(trial.time_to_sell_out_s)},
          {"censored_at_s", figure(trial.censored_at_s())},
          {"latency_ms", json::object{{"p50", figure(trial.response.p50)},
                                      {"p95", figure(trial.response.p95)},
                                      {"p99", figure(trial.response.p99)}}},
          {"attempts_per_success", figure(trial.attempts_per_success)},
          {"fairness", figure(trial.fairness)},
          {"reserve_times_ms", shown ? reserve_times_json(trial) : json::value(nullptr)},
          {"database_activity", shown ? activity_json(trial) : json::value(nullptr)},
          {"stages", shown ? stages_json(trial) : json::value(nullptr)},
          {"deadlocks", or_null(trial.deadlocks)},
          {"commits_per_success", figure(trial.commits_per_success)},
          {"statements_per_success", figure(trial.statements_per_success)},
          {"round_trips_per_success", figure(trial.round_trips_per_success)},
          {"outcomes", outcomes_json(trial.outcomes)},
          {"verdict", word(properties::name_of(trial.verdict))},
          {"violations", json::value_from(trial.violations)},
          {"control", trial.control},
          {"repeated", trial.repeated},
          {"superseded", trial.superseded},
          {"disqualified", trial.disqualified},
          {"figure_valid", trial.figure_valid},
          {"figure_why", trial.figure_why}};
}

/// Null where a ratio has no bound: JSON has no infinity, and the logarithm of 0 is one.
json::value ratio_json(const std::optional<double>& ratio) {
  return ratio && !is_censored(*ratio) ? json::value(*ratio) : json::value(nullptr);
}

json::object pair_json(const CellKey& key, const Pair& pair) {
  return {{"database", key.database},
          {"a", pair.a},
          {"b", pair.b},
          {"scenario", key.scenario},
          {"connections", key.connections},
          {"instances", key.instances},
          {"offered_per_s", or_null(key.offered_per_s)},
          {"metric", word(metric_name(key.metric))},
          {"ratio", ratio_json(pair.ratio)},
          {"low", ratio_json(pair.low)},
          {"high", ratio_json(pair.high)},
          {"coverage", or_null(pair.coverage)},
          {"rounds", pair.rounds},
          {"a_ahead", pair.a_ahead},
          {"b_ahead", pair.b_ahead},
          {"a_unfinished", pair.a_unfinished},
          {"b_unfinished", pair.b_unfinished},
          {"a_without_figure", pair.a_missing.without_figure},
          {"b_without_figure", pair.b_missing.without_figure},
          {"p_value", pair.p_value},
          {"p_holm", pair.p_holm},
          {"conclusion", word(conclusion_name(pair.conclusion))}};
}

json::array databases_json(const Manifest& manifest) {
  json::array databases;
  for (const DatabaseFacts& facts : manifest.databases) {
    databases.push_back(json::object{{"engine", facts.engine},
                                     {"version", facts.version},
                                     {"durability", facts.durability},
                                     {"storage", facts.storage},
                                     {"isolation", facts.isolation}});
  }
  return databases;
}

json::array texts_json(const std::vector<std::string>& texts) {
  return json::array(texts.begin(), texts.end());
}

}  // namespace

std::string summary_json(const Run& run, const Summary& summary) {
  json::array trials, pairs;
  for (const Trial& trial : run.trials) trials.push_back(trial_json(trial));
  for (const Cell& cell : summary.cells) {
    for (const Pair& pair : cell.pairs) pairs.push_back(pair_json(cell.key, pair));
  }
  json::array self;
  for (const SelfComparison& each : summary.self) {
    json::object pair = pair_json(each.key, each.pair);
    pair["number"] = each.number;
    pair["planted"] = each.planted;
    self.push_back(std::move(pair));
  }
  return json_text(json::object{{"schema", "boxoffice.summary/1"},
                                {"run_id", run.manifest.run_id},
                                {"command", run.manifest.command},
                                {"databases", databases_json(run.manifest)},
                                {"git_commit", run.manifest.git_commit},
                                {"build_type", run.manifest.build_type},
                                {"seed", run.manifest.seed},
                                {"rounds", run.manifest.rounds},
                                {"verdict", word(properties::name_of(summary.verdict))},
                                {"indicative", summary.indicative},
                                {"no_winner_why", summary.no_winner_why},
                                {"exit_code", summary.exit_code},
                                {"reasons", texts_json(summary.reasons)},
                                {"not_attempted", texts_json(summary.not_attempted)},
                                {"warnings", texts_json(summary.warnings)},
                                {"trials", std::move(trials)},
                                {"pairs", std::move(pairs)},
                                {"self", std::move(self)}});
}

}  // namespace boxoffice::reports
