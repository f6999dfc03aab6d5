// See trial_plan.hpp.
#include "harness/trial_plan.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/load/load.hpp"

namespace boxoffice::harness {

namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

// A purchased ticket is gone for good. A load with a fault lasts several times longer than its
// scenario: with as many purchases all tickets would be gone before the fault is healed, and
// nothing could succeed after it.
constexpr double k_fault_purchases = 10;
// Whoever is away comes back sooner where thousands of requests a second do not keep it from that.
constexpr std::chrono::milliseconds k_pause_when_away{50};
// By so much a load may outlast its scenario, for the operations that a verdict wants.
constexpr int k_duration_factor_max = 10;
constexpr std::chrono::milliseconds k_patience_min = 10s;
constexpr std::chrono::milliseconds k_patience_beyond = 5s;  // longer than the load

}  // namespace

std::string TrialSpec::directory_name(const std::string& engine) const {
  const std::string offered =
      scenario.rate_per_s ? fmt::format("-r{}", *scenario.rate_per_s) : std::string();
  const std::string several = instances == 1 ? "" : fmt::format("-i{}", instances);
  return fmt::format("{}-{}-{}-c{}{}{}", engine, variant.name, scenario.name, connections, offered,
                     several);
}

std::chrono::milliseconds patience_of(const TrialSpec& spec) {
  if (spec.fault) return k_patience_min;
  const bool may_last = spec.operations_min > 0 && spec.scenario.stages.empty();
  const Duration longest = spec.scenario.duration * (may_last ? k_duration_factor_max : 1);
  return std::max(k_patience_min, milliseconds(longest) + k_patience_beyond);
}

properties::Header history_header(const std::string& run_id, std::uint64_t seed,
                                  const Scenario& scenario,
                                  const std::vector<std::int64_t>& events) {
  properties::Header header;
  header.run_id = run_id;
  header.seed = seed;
  header.hold_us = scenario.hold.count() / 1000;
  header.clock_slack_us = k_clock_slack_us;
  for (const std::int64_t event : events)
    header.events.push_back({event, scenario.tickets, scenario.tickets, 0});
  header.evidence = scenario.evidence;
  header.versions = true;
  header.end_due = true;
  return header;
}

load::LoadPlan load_plan(const TrialSpec& spec, const std::vector<std::string>& targets,
                         const std::vector<load::User>& users,
                         const std::vector<std::int64_t>& events, const fs::path& history) {
  const Scenario& scenario = spec.scenario;
  load::LoadPlan plan;
  plan.target = targets.front();
  plan.further_targets.assign(targets.begin() + 1, targets.end());
  plan.users = users;
  if (std::cmp_less(scenario.users, users.size()))
    plan.users.resize(static_cast<std::size_t>(scenario.users));
  plan.events = events;
  plan.connections = static_cast<std::size_t>(spec.connections);
  plan.threads = static_cast<std::size_t>(std::min(spec.threads, spec.connections));
  plan.rate_per_s = scenario.rate_per_s;
  plan.stages = scenario.stages;
  plan.think = scenario.think;
  plan.uncounted_share = spec.variant.planted;
  plan.warmup = scenario.warmup;
  plan.duration = scenario.duration;
  // Where users leave, those who come too late are to be told so: it ends with the last of them.
  plan.stop_when_sold_out = scenario.metric == ScenarioMetric::time_to_sell_out &&
                            scenario.user_choice != load::UserChoice::leave;
  plan.mix = scenario.mix;
  plan.repeats_lost = true;
  if (spec.fault) {
    plan.duration = std::max<std::chrono::nanoseconds>(plan.duration, load_with(spec.fault->kind));
    plan.duration_max = k_load_with_fault_max;
    plan.mix.purchase /= k_fault_purchases;
    plan.pause_when_away = k_pause_when_away;
  } else if (spec.operations_min > 0 && plan.stages.empty()) {
    plan.duration_max = k_duration_factor_max * plan.duration;
    plan.enough = [least = static_cast<std::uint64_t>(spec.operations_min)](
                      const load::Progress& seen) { return seen.outcomes.total() >= least; };
  }
  plan.skew = scenario.skew;
  plan.user_choice = scenario.user_choice;
  plan.quantity_max = scenario.quantity_max;
  plan.seed = spec.seed;
  plan.history_path = history;
  plan.timeseries_step = 250ms;
  plan.lag_bound = 50ms;  // server and database share the cores with the generator
  plan.timeout = patience_of(spec);
  if (!spec.fault) plan.drain_timeout = plan.timeout;
  return plan;
}

}  // namespace boxoffice::harness
