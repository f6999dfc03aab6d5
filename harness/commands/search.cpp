// boxoffice search: the highest rate at which the server still meets an objective, by bisection
// with repeats (harness/rate_search.hpp). Each measurement is an open-loop trial with a verdict of
// its own: a rate that is reached by overselling is no answer. Searches a private database's server
// or, with --target, one that is there.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/json.hpp>

#include "harness/adapter_file.hpp"
#include "harness/commands/commands.hpp"
#include "harness/commands/options.hpp"
#include "harness/commands/search_result.hpp"
#include "harness/early_end.hpp"
#include "harness/failure.hpp"
#include "harness/interrupt.hpp"
#include "harness/live.hpp"
#include "harness/load/preflight.hpp"
#include "harness/load/trial_figures.hpp"
#include "harness/manifest.hpp"
#include "harness/programs.hpp"
#include "harness/rate_search.hpp"
#include "harness/run_directory.hpp"
#include "harness/target.hpp"
#include "harness/thresholds.hpp"
#include "harness/trial.hpp"
#include "harness/wall_clock.hpp"
#include "properties/names.hpp"
#include "properties/verdict_json.hpp"

namespace boxoffice::harness {

namespace {

using load::Outcome;
using Verdict = properties::Outcome;
constexpr double k_longest_s = 60;  // of a measurement that waits for samples

struct SearchOptions {
  RunOptions run;
  DatabaseChoice database;
  std::string target, ca, adapter, tokens, path;
  std::vector<std::string> events;
  std::string strategy = "pessimistic";
  std::string scenario = "hot-event";
  std::vector<std::string> objectives;
  double errors = 0.01;
  std::int64_t connections = 64, threads = 1, pool = 64;
  std::int64_t first = 200, most = 100'000, repeats = 3;
  double precision = 0.05;
  Duration duration = std::chrono::seconds(2), warmup = std::chrono::milliseconds(300);
  Duration hold = std::chrono::minutes(5);
};

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

// The objectives as they are, or a UsageError.
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

// At a lower rate the longest measurement has too few samples to tell; no search goes there.
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

class Search {
 public:
  Search(const SearchOptions& options, const Context& context,
         const std::vector<std::pair<std::string, std::string>>& configuration)
      : options_(options),
        context_(context),
        variant_(variant_named(options.strategy)),
        scenario_(load_scenario(options.scenario)),
        search_({.first_per_s = static_cast<double>(options.first),
                 .least_per_s = least_per_s(options),
                 .most_per_s = static_cast<double>(options.most),
                 .precision = options.precision,
                 .repeats = options.repeats}),
        live_(options.run.quiet) {
    if (options.precision < 0.001) throw UsageError("--precision: at least 0.1%");
    if (options.errors > 1) throw UsageError("--errors: is a share of all, so 100% at most");
    objectives_ = objectives_of(options);
    if (options.repeats % 2 == 0)
      throw UsageError("--repeats: must be odd, so that most can agree");
    scenario_.duration = options.duration;
    scenario_.stages.clear();
    scenario_.evidence = {};  // at a low rate nobody need meet anybody
    scenario_.warmup = options.warmup;
    if (options.target.empty()) expect_users(scenario_, options.connections);
    plan_ = target_plan();
    result_.objectives = options.objectives;
    result_.least_per_s = least_per_s(options);
    result_.judged = options.path.empty();
    result_.clients_view = !options.target.empty();
    directory_ = std::make_unique<RunDirectory>(options.run.output, "search");
    manifest_ =
        make_manifest(directory_->id(), "search", options.run.seed, context.argv, configuration);
    keep_adapter(options.adapter, directory_->path());
  }

  int run() {
    try {
      prepare();
      while (const auto rate = search_.next()) note(measure_at(*rate));
    } catch (const std::exception&) {
      note_early_end(manifest_, *directory_, live_);
      result_.interrupted = manifest_["interrupted"].as_bool();
      result_.broke_off = manifest_.contains("broke_off");
    }
    return finish();
  }

 private:
  // Of --target; checked before anything is started.
  load::LoadPlan target_plan() const {
    load::LoadPlan plan;
    if (options_.target.empty()) return plan;
    set_target(plan, options_.target, options_.ca);
    set_api(plan, options_.adapter, options_.events);
    plan.get_path = options_.path;
    plan.connections = static_cast<std::size_t>(options_.connections);
    plan.threads = static_cast<std::size_t>(std::min(options_.threads, options_.connections));
    plan.rate_per_s = static_cast<double>(options_.first);
    plan.duration = options_.duration;
    plan.warmup = options_.warmup;
    plan.mix = scenario_.mix;
    plan.skew = scenario_.skew;
    plan.quantity_max = scenario_.quantity_max;
    plan.seed = options_.run.seed;
    if (options_.path.empty() && !options_.tokens.empty())
      plan.users = read_tokens(options_.tokens);
    if (plan.events.empty() && options_.path.empty())
      throw UsageError("--events: name at least one event id (or --path for plain GETs)");
    try {
      load::check_plan(plan);
    } catch (const std::invalid_argument& error) {
      throw UsageError(error.what());
    }
    return plan;
  }

  void prepare() {
    if (!options_.target.empty()) {
      expect_listener(plan_);
      return;
    }
    live_.begin("preparing the database", -1);
    database_ = std::make_unique<TestDatabase>(options_.database);
    manifest_["database"] = describe_database(*database_);
    TemporaryDirectory scratch(temporary_root(), "search");
    migrate_database(database_->url(), scratch.path());
    users_ = seed_users(database_->url(), scenario_.users, scratch.path());
  }

  // Longer than asked for where a low rate would not carry the percentile.
  Duration duration_at(double rate) const {
    const double wanted = std::min(k_longest_s, samples_needed(objectives_) / rate);
    return std::max(options_.duration,
                    std::chrono::duration_cast<Duration>(std::chrono::duration<double>(wanted)));
  }

  Probe measure_at(double rate) {
    throw_if_interrupted(context_.stop);
    const auto index = static_cast<std::int64_t>(result_.probes.size()) + 1;
    live_.begin(fmt::format("[{}] {:.0f}/s", index, rate), -1);
    Probe probe{.rate_per_s = rate, .repeat = search_.repeat()};
    const load::LoadResult result =
        options_.target.empty() ? private_trial(index, probe) : target_trial(index, probe);
    if (result.outcomes[Outcome::sold_out] > 0)
      throw EnvironmentBroke("the events sold out during the search: it needs tickets for all");
    judge_objectives(result, probe);
    live_.end(fmt::format("{}: {}, {}", probe.met ? "met" : "missed", probe.why,
                          properties::name_of(probe.verdict)));
    return probe;
  }

  load::LoadResult private_trial(std::int64_t index, Probe& probe) {
    TrialSpec spec;
    spec.index = index;
    spec.round = probe.repeat;
    spec.variant = variant_;
    spec.scenario = scenario_;
    spec.scenario.rate_per_s = probe.rate_per_s;
    spec.scenario.duration = duration_at(probe.rate_per_s);
    spec.connections = options_.connections;
    spec.threads = options_.threads;
    spec.pool = std::min(options_.pool, options_.connections);
    spec.seed = options_.run.seed + static_cast<std::uint64_t>(index);
    TrialOutcome outcome = run_trial(
        spec, *database_, users_,
        directory_->make_trial(index, spec.directory_name(database_->engine())),
        [this](const load::Progress& progress) { live_.show(progress); }, context_.stop);
    probe.verdict = outcome.verdict.outcome;
    return std::move(outcome.load);
  }

  load::LoadResult target_trial(std::int64_t index, Probe& probe) {
    const auto trial = directory_->make_trial(index, fmt::format("R{:.0f}", probe.rate_per_s));
    load::LoadPlan plan = plan_;
    plan.rate_per_s = probe.rate_per_s;
    plan.duration = duration_at(probe.rate_per_s);
    plan.request_id_salt = salt_ + static_cast<std::uint64_t>(index);
    plan.seed += static_cast<std::uint64_t>(index);
    plan.history_path = trial / "history.jsonl";
    if (plan.get_path.empty()) write_client_header(plan, options_.hold, directory_->id());
    const WallClock wall_clock;
    load::LoadResult result;
    try {
      result = load::run_load(
          plan, [this](const load::Progress& progress) { live_.show(progress); }, context_.stop);
    } catch (const std::runtime_error& error) {
      throw EnvironmentBroke(error.what());
    }
    if (result.interrupted) throw Interrupted();
    if (plan.get_path.empty()) note_capacities(plan);
    const properties::Breakage clock = wall_clock.set_meanwhile(clock_slack_us(options_.hold));
    if (!clock.why.empty()) keep_breakage(trial, clock);
    write_text_ids(plan, trial);
    write_file(trial / "load.json",
               boost::json::serialize(load::trial_fields(plan, result)) + "\n");
    write_file(trial / "latency.hdr", load::latency_hdr(result));
    if (plan.get_path.empty()) {
      const properties::Verdict verdict = judge_trial(trial);
      write_file(trial / "verdict.json", properties::verdict_line(verdict));
      probe.verdict = verdict.outcome;
    }
    return result;
  }

  void judge_objectives(const load::LoadResult& result, Probe& probe) const {
    probe.figure_valid = result.figure_valid;
    probe.met = false;
    if (!result.figure_valid) {
      probe.why = "invalid: " + result.figure_why;
      return;
    }
    if (result.started == 0 || !result.unsent_why().empty()) {
      probe.why = fmt::format("{} requests found no free connection", result.unsent);
      return;
    }
    if (const double failed = failed_share(result); failed >= options_.errors) {
      probe.why = fmt::format("{:.2f}% failed or were refused", 100 * failed);
      return;
    }
    for (const Threshold& objective : objectives_) {
      const Measured measured = measure(objective, result);
      probe.why += fmt::format("{}{} {}", probe.why.empty() ? "" : ", ", objective.metric,
                               measured.value == "-" ? "has too few successes" : measured.value);
      if (!measured.held) return;
    }
    probe.met = true;
  }

  void note(const Probe& probe) {
    result_.probes.push_back(probe);
    if (!probe.figure_valid) {
      result_.limited_by_generator = true;
      search_.stop();  // what it cannot offer it cannot judge
    } else if (probe.verdict == Verdict::violation) {
      search_.stop();
    } else {
      search_.note(probe.met);
    }
  }

  int finish() {
    result_.found = search_.found();
    manifest_["finished_at"] = utc_now();
    manifest_["rounds"] = options_.repeats;
    directory_->write_manifest(manifest_);
    database_.reset();
    write_result(result_, *directory_);
    print_result(result_, *directory_);
    return exit_code(result_);
  }

  const SearchOptions& options_;
  const Context& context_;
  Variant variant_;
  Scenario scenario_;
  std::vector<Threshold> objectives_;
  RateSearch search_;
  Live live_;
  load::LoadPlan plan_;
  std::unique_ptr<RunDirectory> directory_;
  boost::json::object manifest_;
  std::unique_ptr<TestDatabase> database_;
  std::vector<load::User> users_;
  SearchResult result_;
  const std::uint64_t salt_ = fresh_salt();
};

}  // namespace

void add_search(CLI::App& app, Work& work) {
  auto options = std::make_shared<SearchOptions>();
  CLI::App* command =
      app.add_subcommand("search", "the highest rate that meets an objective, -L 'p99<50ms'");
  const auto text = [command](const char* flag, std::string& value, const char* help) {
    return command->add_option(flag, value, help)->type_name("")->default_str(value);
  };
  add_run_options(*command, options->run);
  add_database_options(*command, options->database);
  command->add_option("-L,--objective", options->objectives, "'p99<50ms', several must all hold")
      ->required()
      ->type_name("");
  add_share(*command, "--errors", options->errors, "share that may fail or be refused, '<0.1%'");
  text("--strategy", options->strategy, "of the private server");
  text("--scenario", options->scenario, "mix, skew and tickets; open loop at the searched rate");
  text("--target", options->target, "http(s)://host:port of a server that is there, instead");
  text("--ca", options->ca, "with --target and https: file of authorities, for a private one")
      ->envname("BOXOFFICE_CA");
  text("--adapter", options->adapter, "with --target: TOML file that maps its API, if not ours")
      ->envname("BOXOFFICE_ADAPTER");
  text("--tokens", options->tokens, "with --target: file of user id, tab, token");
  add_list(*command, "--events", options->events, "with --target: ids of the events to buy from");
  text("--path", options->path, "with --target: plain GETs of this path instead");
  add_count(*command, "-c,--connections", options->connections, 1, "open connections");
  add_count(*command, "-t,--threads", options->threads, 1, "of the generator");
  add_count(*command, "--pool", options->pool, 1, "database connections of the private server");
  add_count(*command, "--from", options->first, 1, "the first rate, a second");
  add_count(*command, "--to", options->most, 1, "the highest rate that is tried");
  add_count(*command, "--repeats", options->repeats, 1, "of each rate; odd");
  add_share(*command, "--precision", options->precision, "ends with met and missed this far apart");
  add_duration(*command, "-d,--duration", options->duration, "of each measurement");
  add_duration(*command, "-w,--warmup", options->warmup, "before each measurement");
  add_duration(*command, "--hold", options->hold, "with --target: the server's hold time");
  command->callback([&work, options, command] {
    work = [options, command](const Context& context) {
      settle_seed(options->run);
      if (options->target.empty())
        refuse_flags(*command, {"--ca", "--adapter", "--tokens", "--events", "--path", "--hold"},
                     "only with --target; without it a private server is searched");
      else
        refuse_flags(*command,
                     {"--strategy", "--pool", "--database", "--durability", "--storage",
                      "--postgresql-bin", "--mysql-root"},
                     "of a server that this program starts, not of a --target");
      return Search(*options, context, configuration_of(*command)).run();
    };
  });
}

}  // namespace boxoffice::harness
