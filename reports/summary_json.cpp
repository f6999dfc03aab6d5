// summary.json. A figure of a trial that did not pass is null: whoever reads the file with a
// program is not to mistake the speed of a wrong answer for a result.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "properties/verdict_json.hpp"
#include "reports/json_text.hpp"
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

json::object trial_json(const Trial& trial) {
  const bool passed = trial.verdict == properties::Outcome::pass;
  const auto figure = [passed](const std::optional<double>& value) {
    return passed ? or_null(value) : json::value(nullptr);
  };
  return {{"database", trial.database},
          {"strategy", trial.strategy},
          {"variant", trial.variant},
          {"scenario", trial.scenario},
          {"connections", trial.connections},
          {"round", trial.round},
          {"offered_per_s", or_null(trial.offered_per_s)},
          {"goodput_per_s", figure(trial.goodput_per_s)},
          {"time_to_sell_out_s", figure(trial.time_to_sell_out_s)},
          {"latency_ms", json::object{{"p50", figure(trial.response.p50)},
                                      {"p95", figure(trial.response.p95)},
                                      {"p99", figure(trial.response.p99)}}},
          {"attempts_per_success", figure(trial.attempts_per_success)},
          {"fairness", figure(trial.fairness)},
          {"outcomes", outcomes_json(trial.outcomes)},
          {"verdict", word(properties::name_of(trial.verdict))},
          {"violations", json::value_from(trial.violations)},
          {"control", trial.control},
          {"repeated", trial.repeated},
          {"superseded", trial.superseded},
          {"figure_valid", trial.figure_valid},
          {"figure_why", trial.figure_why}};
}

json::object pair_json(const CellKey& key, const Pair& pair) {
  return {{"database", key.database},
          {"a", pair.a},
          {"b", pair.b},
          {"scenario", key.scenario},
          {"connections", key.connections},
          {"offered_per_s", or_null(key.offered_per_s)},
          {"metric", word(metric_name(key.metric))},
          {"ratio", or_null(pair.ratio)},
          {"low", or_null(pair.low)},
          {"high", or_null(pair.high)},
          {"coverage", or_null(pair.coverage)},
          {"rounds", pair.rounds},
          {"p_value", pair.p_value},
          {"p_holm", pair.p_holm},
          {"conclusion", word(conclusion_name(pair.conclusion))}};
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
                                {"verdict", word(properties::name_of(summary.verdict))},
                                {"indicative", summary.indicative},
                                {"exit_code", summary.exit_code},
                                {"reasons", texts_json(summary.reasons)},
                                {"warnings", texts_json(summary.warnings)},
                                {"trials", std::move(trials)},
                                {"pairs", std::move(pairs)},
                                {"self", std::move(self)}});
}

}  // namespace boxoffice::reports
