// boxoffice compare: which strategy wins at which contention, and was each trial correct?
//
// plan -> per trial: run_trial -> manifest finished -> reports. An interruption keeps what was
// measured so far: the manifest says so and the report is rendered from the trials that ended.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <chrono>
#include <set>

#include "harness/commands/commands.hpp"
#include "harness/commands/options.hpp"
#include "harness/complexity.hpp"
#include "harness/failure.hpp"
#include "harness/interrupt.hpp"
#include "harness/live.hpp"
#include "harness/manifest.hpp"
#include "harness/plan.hpp"
#include "harness/programs.hpp"
#include "harness/reference.hpp"
#include "harness/run_directory.hpp"
#include "properties/names.hpp"
#include "reports/report.hpp"

namespace boxoffice::harness {

namespace {

using Clock = std::chrono::steady_clock;

struct CompareOptions {
  RunOptions run;
  DatabaseChoice database;
  std::vector<std::string> strategies = {"pessimistic", "optimistic", "atomic",
                                         "pessimistic+admission"};
  std::vector<std::string> scenarios = {"many-events", "hot-event", "few-hot-tickets"};
  std::vector<std::string> controls = {"naive"};
  std::vector<std::string> connections;  // empty: the scenario's own
  std::int64_t rounds = 3;
  std::int64_t threads = 1;
  std::int64_t pool = 64;
  Duration duration{0};  // zero: the scenario's own
  bool full = false;
};

constexpr std::int64_t k_full_rounds = 12;
constexpr const char* k_control_scenario = "hot-event";

// The same cell twice would be two figures of which one had to be chosen.
void refuse_repeats(const char* flag, const std::vector<std::string>& names) {
  std::set<std::string> seen;
  for (const std::string& name : names) {
    if (!seen.insert(name).second)
      throw UsageError(fmt::format("{}: '{}' is there twice", flag, name));
  }
}

PlanRequest plan_request(const CompareOptions& options) {
  refuse_repeats("--strategies", options.strategies);
  refuse_repeats("--scenarios", options.scenarios);
  refuse_repeats("--controls", options.controls);
  refuse_repeats("--connections", options.connections);
  PlanRequest request;
  for (const std::string& name : options.scenarios) {
    Scenario scenario = load_scenario(name);
    if (!options.connections.empty() && !name.starts_with("seed-")) {
      scenario.connections.clear();
      for (const std::string& text : options.connections)
        scenario.connections.push_back(std::max<std::int64_t>(1, parse_count(text)));
    }
    if (options.duration.count() > 0) scenario.duration = options.duration;
    request.scenarios.push_back(scenario);
  }
  for (const std::string& name : options.strategies)
    request.variants.push_back(variant_named(name));
  for (const std::string& name : options.controls) {
    Variant control = variant_named(name);
    if (!control.broken)
      throw UsageError(fmt::format("--controls: '{}' is a sound strategy", name));
    control.control = true;
    request.controls.push_back(control);
  }
  request.control_scenario = k_control_scenario;
  const bool present = std::ranges::any_of(
      request.scenarios, [](const Scenario& s) { return s.name == k_control_scenario; });
  if (!present) request.control_scenario = request.scenarios.front().name;
  request.rounds = options.rounds;
  request.threads = options.threads;
  request.pool_max = options.pool;
  request.seed = options.run.seed;
  return request;
}

class Comparison {
 public:
  Comparison(const CompareOptions& options, const Context& context,
             const std::vector<std::pair<std::string, std::string>>& configuration)
      : options_(options),
        context_(context),
        request_(plan_request(options)),
        plan_(make_plan(request_)),
        live_(options.run.quiet),
        directory_(options.run.output, "compare"),
        scratch_(temporary_root(), "compare"),
        manifest_(make_manifest(directory_.id(), "compare", options.run.seed, context.argv,
                                configuration)) {
    manifest_["rounds"] = options.rounds;
    manifest_["indicative"] = options.rounds < 7;
    manifest_["complexity"] = strategy_complexity();
    boost::json::array scenarios;
    for (const Scenario& scenario : request_.scenarios) {
      scenarios.push_back({{"name", scenario.name}, {"summary", scenario.summary}});
    }
    manifest_["scenarios"] = std::move(scenarios);
  }

  int run() {
    try {
      execute();
    } catch (const Interrupted&) {
      manifest_["interrupted"] = true;
    } catch (const UsageError&) {
      directory_.remove();  // nothing was run, so nothing is left
      throw;
    } catch (const EnvironmentBroke& error) {
      // What was measured so far stays; the run as a whole is no basis for a decision.
      live_.say(fmt::format("boxoffice: {}", error.what()));
      broke_ = true;
    }
    return finish();
  }

 private:
  void execute() {
    live_.begin("preparing the database", -1);
    database_ = std::make_unique<TestDatabase>(options_.database);
    manifest_["database"] = describe_database(*database_);
    directory_.write_manifest(manifest_);
    migrate_database(database_->url(), scratch_.path());
    std::int64_t users = 1;
    for (const Scenario& scenario : request_.scenarios) users = std::max(users, scenario.users);
    users_ = seed_users(database_->url(), users, scratch_.path());
    live_.say(fmt::format("{}, durability {}, storage {}; {} trials, seed {}", database_->version(),
                          database_->durability(), database_->storage(), plan_.size(),
                          options_.run.seed));
    run_references();
    begun_ = Clock::now();
    for (std::size_t i = 0; i < plan_.size(); ++i) run_one(plan_[i], i);
  }

  void run_references() {
    boost::json::array lines;
    for (const std::int64_t clients : {1, 2, 4, 8, 64}) {
      throw_if_interrupted(context_.stop);
      live_.begin(fmt::format("reference line: pgbench, {} clients", clients), -1);
      const auto rate =
          run_pgbench(*database_, "pessimistic", clients, std::chrono::seconds(1), scratch_.path());
      if (!rate) break;
      lines.push_back({{"name", "pgbench"},
                       {"strategy", "pessimistic"},
                       {"clients", clients},
                       {"per_s", *rate}});
    }
    manifest_["reference"] = std::move(lines);
    directory_.write_manifest(manifest_);
  }

  void run_one(TrialSpec spec, std::size_t position) {
    if (!run_once(spec, position) && !spec.variant.control) {
      spec.repeated = true;  // once, and visibly
      spec.index = static_cast<std::int64_t>(plan_.size()) + ++repeats_;
      run_once(spec, position);
    }
  }

  // True where the trial stands: its verdict is not invalid and its figure is valid.
  bool run_once(const TrialSpec& spec, std::size_t position) {
    throw_if_interrupted(context_.stop);
    live_.begin(fmt::format("[{}/{}] {} {} c={}", position + 1, plan_.size(), spec.scenario.name,
                            spec.variant.name, spec.connections),
                seconds_left(position));
    const auto directory = directory_.make_trial(spec.index, spec.directory_name());
    const TrialOutcome outcome = run_trial(
        spec, *database_, users_, directory,
        [this](const load::Progress& progress) { live_.show(progress); }, context_.stop);
    const bool valid =
        outcome.verdict.outcome != properties::Outcome::invalid && outcome.load.figure_valid;
    live_.end(fmt::format("{:.0f}/s, {}{}{}", outcome.load.goodput_per_s,
                          properties::name_of(outcome.verdict.outcome),
                          outcome.broke.empty() ? "" : ": ", outcome.broke));
    if (!outcome.broke.empty())
      live_.say(fmt::format("boxoffice: trial {}: {}", spec.index, outcome.broke));
    return valid;
  }

  double seconds_left(std::size_t position) const {
    if (position == 0) return -1;
    const double gone = std::chrono::duration<double>(Clock::now() - begun_).count();
    return gone / static_cast<double>(position) * static_cast<double>(plan_.size() - position);
  }

  int finish() {
    if (!database_) {  // interrupted or broken before there was anything to report
      return broke_ ? k_exit_invalid : k_exit_interrupted;
    }
    live_.begin("rendering the report", -1);
    manifest_["finished_at"] = utc_now();
    if (broke_) manifest_["interrupted"] = true;
    directory_.write_manifest(manifest_);
    database_.reset();
    const reports::Rendered rendered = reports::render_run(directory_.path());
    live_.end(rendered.report_html.string());
    fmt::print("{}", rendered.terminal({.colour = colour_wanted()}));
    return broke_ && rendered.summary.exit_code == k_exit_interrupted ? k_exit_invalid
                                                                      : rendered.summary.exit_code;
  }

  const CompareOptions& options_;
  const Context& context_;
  PlanRequest request_;
  std::vector<TrialSpec> plan_;
  Live live_;
  RunDirectory directory_;
  TemporaryDirectory scratch_;
  boost::json::object manifest_;
  std::unique_ptr<TestDatabase> database_;
  std::vector<load::User> users_;
  Clock::time_point begun_;
  std::int64_t repeats_ = 0;
  bool broke_ = false;
};

}  // namespace

void add_compare(CLI::App& app, Work& work) {
  auto options = std::make_shared<CompareOptions>();
  CLI::App* command =
      app.add_subcommand("compare", "which strategy wins at which contention (the main job)");
  add_run_options(*command, options->run);
  add_database_options(*command, options->database);
  add_list(*command, "--strategies", options->strategies,
           "variants to compare; +admission limits transactions per event");
  add_list(*command, "--scenarios", options->scenarios,
           "shipped ones or TOML files, rising in contention");
  add_list(*command, "--controls", options->controls,
           "broken strategies that must be caught in the same run");
  add_list(*command, "-c,--connections", options->connections, "instead of the scenarios' own");
  add_count(*command, "--rounds", options->rounds, 1, "fewer than 7 name no winner");
  add_count(*command, "-t,--threads", options->threads, 1, "of the load generator");
  add_count(*command, "--pool", options->pool, 1, "database connections of the server at most");
  add_duration(*command, "-d,--duration", options->duration,
               "of each trial; 0: the scenario's own");
  command->add_flag("--full", options->full, "12 rounds and the seed's three scenarios");
  command->callback([&work, options, command] {
    work = [options, command](const Context& context) {
      settle_seed(options->run);
      if (options->full) {
        if (command->get_option("--rounds")->empty()) options->rounds = k_full_rounds;
        for (const char* name : {"seed-100", "seed-1000", "seed-10000"})
          options->scenarios.emplace_back(name);
      }
      return Comparison(*options, context, configuration_of(*command)).run();
    };
  });
}

}  // namespace boxoffice::harness
