// See search_options.hpp.
#include "harness/commands/search_options.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "harness/failure.hpp"
#include "harness/load/preflight.hpp"
#include "harness/programs.hpp"
#include "harness/target.hpp"

namespace boxoffice::harness {

namespace {

constexpr double k_longest_s = 60;  // of a measurement that waits for samples

// How many successes carry every objective's percentile, twice over: the requests of a mix are not
// all successes.
double samples_needed(const std::vector<Threshold>& objectives) {
  double samples = 0;
  for (const Threshold& objective : objectives) {
    if (const auto percent = percent_of(objective.metric); percent && *percent < 100)
      samples = std::max(samples, 2 * 100 / (100 - *percent));
  }
  return samples;
}

}  // namespace

void add_search_flags(CLI::App& command, SearchOptions& options) {
  const auto text = [&command](const char* flag, std::string& value, const char* help) {
    return command.add_option(flag, value, help)->type_name("")->default_str(value);
  };
  add_run_options(command, options.run);
  add_database_options(command, options.database);
  command.add_option("-L,--objective", options.objectives, "'p99<50ms', several must all hold")
      ->required()
      ->type_name("");
  add_share(command, "--errors", options.errors,
            "share that may fail or be refused, at most; 0: none");
  text("--strategy", options.strategy, "of the private server");
  text("--scenario", options.scenario, "mix, skew and tickets; open loop at the searched rate");
  text("--target", options.target, "http(s)://host:port of a server that is there, instead");
  text("--ca", options.ca, "with --target and https: file of authorities, for a private one")
      ->envname("BOXOFFICE_CA");
  text("--adapter", options.adapter, "with --target: TOML file that maps its API, if not ours")
      ->envname("BOXOFFICE_ADAPTER");
  text("--tokens", options.tokens, "with --target: file of user id, tab, token");
  add_list(command, "--events", options.events, "with --target: ids of the events to buy from");
  text("--path", options.path, "with --target: plain GETs of this path instead");
  add_count(command, "-c,--connections", options.connections, 1, "open connections");
  add_count(command, "-t,--threads", options.threads, 1, "of the generator");
  add_count(command, "--pool", options.pool, 1, "database connections of the private server");
  add_count(command, "--from", options.first, 1, "the first rate, a second");
  add_count(command, "--to", options.most, 1, "the highest rate that is tried");
  add_count(command, "--repeats", options.repeats, 1, "of each rate; odd");
  add_share(command, "--precision", options.precision, "ends with met and missed this far apart");
  add_duration(command, "-d,--duration", options.duration, "of each measurement");
  add_duration(command, "-w,--warmup", options.warmup, "before each measurement");
  add_duration(command, "--hold", options.hold, "with --target: the server's hold time");
}

void refuse_flags_of_others(const CLI::App& command, const SearchOptions& options,
                            Context& context) {
  if (options.target.empty())
    refuse_flags(command, context,
                 {"--ca", "--adapter", "--tokens", "--events", "--path", "--hold"},
                 "only with --target; without it a private server is searched");
  else
    refuse_flags(command, context,
                 {"--strategy", "--pool", "--database", "--durability", "--storage",
                  "--postgresql-bin", "--mysql-root"},
                 "of a server that this program starts, not of a --target");
}

void expect_sense(const SearchOptions& options) {
  if (options.precision < 0.001) throw UsageError("--precision: at least 0.1%");
  if (options.errors > 1) throw UsageError("--errors: is a share of all, so 100% at most");
  least_per_s(options);
  if (options.repeats % 2 == 0) throw UsageError("--repeats: must be odd, so that most can agree");
}

std::vector<Threshold> objectives_of(const SearchOptions& options) {
  std::vector<Threshold> objectives;
  for (const std::string& text : options.objectives) {
    objectives.push_back(parse_threshold(text));
    if (!percent_of(objectives.back().metric))
      throw UsageError(fmt::format("-L '{}': name a latency: p50, p90, p95, p99, p999, max", text));
    if (!objectives.back().below)
      throw UsageError(fmt::format("-L '{}': an objective is an upper bound: write {}<...", text,
                                   objectives.back().metric));
  }
  return objectives;
}

double least_per_s(const SearchOptions& options) {
  if (options.first > options.most)
    throw UsageError(
        fmt::format("--from: {} is above --to, which is {}", options.first, options.most));
  const double least = std::max(1.0, samples_needed(objectives_of(options)) / k_longest_s);
  if (static_cast<double>(options.most) < least)
    throw UsageError(fmt::format("--to: at {}/s {:.0f} s have too few requests for the percentile",
                                 options.most, k_longest_s));
  return least;
}

Duration duration_at(const SearchOptions& options, double rate_per_s) {
  const double wanted = std::min(k_longest_s, samples_needed(objectives_of(options)) / rate_per_s);
  return std::max(options.duration,
                  std::chrono::duration_cast<Duration>(std::chrono::duration<double>(wanted)));
}

Scenario scenario_of(const SearchOptions& options) {
  Scenario scenario = load_scenario(options.scenario);
  scenario.duration = options.duration;
  scenario.stages.clear();
  scenario.evidence = {};  // at a low rate nobody need meet anybody
  scenario.warmup = options.warmup;
  if (scenario.user_choice == load::UserChoice::leave)
    throw UsageError(
        fmt::format("--scenario: users of {} leave once they are served, so that no rate lasts",
                    scenario.name));
  if (options.target.empty()) expect_users(scenario, options.connections);
  return scenario;
}

load::LoadPlan target_plan(const SearchOptions& options, const Scenario& scenario) {
  load::LoadPlan plan;
  set_target(plan, options.target, options.ca);
  set_api(plan, options.adapter, options.events);
  plan.get_path = options.path;
  plan.connections = static_cast<std::size_t>(options.connections);
  plan.threads = static_cast<std::size_t>(std::min(options.threads, options.connections));
  plan.rate_per_s = static_cast<double>(options.first);
  plan.duration = options.duration;
  plan.warmup = options.warmup;
  plan.mix = scenario.mix;
  plan.skew = scenario.skew;
  plan.user_choice = scenario.user_choice;
  plan.quantity_max = scenario.quantity_max;
  plan.seed = options.run.seed;
  if (options.path.empty() && !options.tokens.empty()) plan.users = read_tokens(options.tokens);
  if (plan.events.empty() && options.path.empty())
    throw UsageError("--events: name at least one event id (or --path for plain GETs)");
  try {
    load::check_plan(plan);
  } catch (const std::invalid_argument& error) {
    throw UsageError(error.what());
  }
  return plan;
}

}  // namespace boxoffice::harness
