// What a comparison is asked to do. See comparison.hpp.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "harness/comparison.hpp"
#include "harness/contention.hpp"
#include "harness/controls.hpp"
#include "harness/failure.hpp"
#include "reports/scenarios.hpp"
#include "reports/statistics.hpp"

namespace boxoffice::harness {

namespace {

constexpr const char* k_control_scenario = "hot-event";

// The same cell twice would be two figures of which one had to be chosen.
void refuse_repeats(const char* flag, const std::vector<std::string>& names) {
  std::set<std::string> seen;
  for (const std::string& name : names) {
    if (!seen.insert(name).second)
      throw UsageError(fmt::format("{}: '{}' is there twice", flag, name));
  }
}

// Two files may bear one name, by which all that follows tells their trials apart.
void refuse_namesakes(const std::vector<Scenario>& scenarios) {
  std::set<std::string> seen;
  for (const Scenario& scenario : scenarios) {
    if (!seen.insert(scenario.name).second)
      throw UsageError(fmt::format("--scenarios: two of them have the name '{}'", scenario.name));
  }
}

// A comparison breaks nothing, so that it could never be caught.
void refuse_faults(const std::string& control) {
  const Control* known = find_control(control);
  if (known && known->fault)
    throw UsageError(
        fmt::format("--controls: {} needs the fault {}: 'boxoffice selftest --controls {}' has it",
                    control, name_of(*known->fault), control));
}

std::int64_t connections_of(const std::string& text) {
  const std::int64_t count = parse_count(text);
  if (count < 1 || count > 100'000)
    throw UsageError(fmt::format("--connections: '{}' is not from 1 to 100000", text));
  return count;
}

// Requests that do not count slow what can be done in a time, not a schedule; where tickets run out
// they are sold to them as well. docs/decisions/0045-a-slowdown-that-is-planted.md
void expect_goodput_in_a_closed_loop(const std::vector<Scenario>& scenarios) {
  for (const Scenario& scenario : scenarios) {
    if (scenario.metric != ScenarioMetric::goodput || scenario.rate_per_s ||
        !scenario.stages.empty())
      throw UsageError(
          fmt::format("--plant: {} would not get slower by it: name a scenario that measures the "
                      "goodput of a closed loop, as hot-event does",
                      scenario.name));
  }
}

// The seed's strategies as they are. Few rounds only indicate, and the first strategy does that:
// the others would cost a quarter of a minute.
std::vector<std::string> to_run_on_instances(const std::vector<Variant>& variants,
                                             std::int64_t rounds) {
  std::vector<std::string> names;
  for (const Variant& variant : variants) {
    if (is_plain(variant)) names.push_back(variant.name);
  }
  if (rounds < deciding_rounds(variants.size()) && names.size() > 1) names.resize(1);
  return names;
}

// What scales and what does not is told apart over the same loads, reads and the hot event. Only a
// full run has reads, and the time for it.
void add_loads_of_reads(std::vector<Scenario>& scenarios) {
  const auto reads = std::ranges::find_if(scenarios, reports::is_reads_scenario, &Scenario::name);
  const auto hot = std::ranges::find(scenarios, k_control_scenario, &Scenario::name);
  if (reads == scenarios.end() || hot == scenarios.end()) return;
  std::set<std::int64_t> loads(hot->connections.begin(), hot->connections.end());
  loads.insert(reads->connections.begin(), reads->connections.end());
  hot->connections.assign(loads.begin(), loads.end());
}

}  // namespace

std::int64_t deciding_rounds(std::size_t variants) {
  return static_cast<std::int64_t>(reports::rounds_needed(variants * (variants - 1) / 2));
}

PlanRequest plan_request(const CompareOptions& options, std::size_t databases) {
  refuse_repeats("--strategies", options.strategies);
  refuse_repeats("--scenarios", options.scenarios);
  refuse_repeats("--controls", options.controls);
  refuse_repeats("--connections", options.connections);
  PlanRequest request;
  request.databases = databases;
  for (const std::string& name : options.scenarios) {
    Scenario scenario = load_scenario(name);
    if (!options.connections.empty() && !reports::is_seed_scenario(scenario.name)) {
      scenario.connections.clear();
      for (const std::string& text : options.connections)
        scenario.connections.push_back(connections_of(text));
    }
    for (const std::int64_t each : scenario.connections) expect_users(scenario, each);
    if (options.duration.count() > 0 && scenario.metric == ScenarioMetric::goodput &&
        scenario.stages.empty())
      scenario.duration = options.duration;
    // One buyer alone meets nobody: the question of a self-comparison is the machine's noise.
    if (options.self && scenario.connections == std::vector<std::int64_t>{1})
      scenario.evidence.contention = false;
    request.scenarios.push_back(scenario);
  }
  if (options.full && options.connections.empty()) add_loads_of_reads(request.scenarios);
  refuse_namesakes(request.scenarios);
  sort_by_contention(request.scenarios);
  for (const std::string& name : options.strategies)
    request.variants.push_back(variant_named(name));
  if (options.self) request.variants.push_back(twin_of(request.variants.at(0), options.planted));
  if (options.planted > 0) expect_goodput_in_a_closed_loop(request.scenarios);
  for (const std::string& name : options.controls) {
    Variant control = variant_named(name);
    if (!control.broken)
      throw UsageError(fmt::format("--controls: '{}' is a sound strategy", name));
    refuse_faults(name);
    control.control = true;
    request.controls.push_back(control);
  }
  request.control_scenario = k_control_scenario;
  const bool present = std::ranges::any_of(
      request.scenarios, [](const Scenario& s) { return s.name == k_control_scenario; });
  if (!present)
    request.control_scenario = std::ranges::max(request.scenarios, {}, contention_of).name;
  request.rounds = options.rounds * options.repeat;
  request.threads = options.threads;
  request.pool_max = options.pool;
  request.instances = options.self ? 1 : options.instances;
  request.on_instances = to_run_on_instances(request.variants, request.rounds);
  request.seed = options.run.seed;
  return request;
}

bool is_indicative(const PlanRequest& request) {
  const auto compared = std::ranges::count_if(
      request.variants, [](const Variant& variant) { return variant.twin_of.empty(); });
  return request.rounds < deciding_rounds(static_cast<std::size_t>(compared));
}

std::string uneven_order(const CompareOptions& options, const PlanRequest& request) {
  const std::size_t variants = request.variants.size();
  const std::size_t contenders = variants * request.databases;
  const bool concludes =
      options.self ? options.rounds >= deciding_rounds(2) : variants > 1 && !is_indicative(request);
  const std::size_t period = contenders % 2 == 0 ? contenders : 2 * contenders;  // plan.hpp
  if (!concludes || options.rounds % static_cast<std::int64_t>(period) == 0) return "";
  const std::string on =
      request.databases > 1 ? fmt::format(" on {} databases", request.databases) : std::string();
  return fmt::format(
      "{} rounds are no multiple of {}, as {} variants{} need: some ran earlier in a round, or "
      "behind a certain other, more often than others",
      options.rounds, period, variants, on);
}

}  // namespace boxoffice::harness
