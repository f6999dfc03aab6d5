// boxoffice search: the highest rate at which the server still meets an objective, by bisection
// with repeats (harness/rate_search.hpp). Each measurement is an open-loop trial with a verdict of
// its own: a rate that is reached by overselling is no answer. Searches a private database's server
// or, with --target, one that is there.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/json.hpp>

#include "harness/adapter_file.hpp"
#include "harness/checked_load.hpp"
#include "harness/commands/commands.hpp"
#include "harness/commands/search_options.hpp"
#include "harness/commands/search_result.hpp"
#include "harness/declared_hold.hpp"
#include "harness/early_end.hpp"
#include "harness/failure.hpp"
#include "harness/interrupt.hpp"
#include "harness/live.hpp"
#include "harness/load/trial_figures.hpp"
#include "harness/manifest.hpp"
#include "harness/programs.hpp"
#include "harness/rate_search.hpp"
#include "harness/run_directory.hpp"
#include "harness/target.hpp"
#include "harness/trial.hpp"
#include "properties/verdict_json.hpp"

namespace boxoffice::harness {

namespace {

constexpr std::chrono::seconds k_still{5}, k_patience{60};

class Search {
 public:
  Search(const SearchOptions& options, const Context& context,
         const std::vector<std::pair<std::string, std::string>>& configuration)
      : options_(options),
        context_(context),
        variant_(variant_named(options.strategy)),
        scenario_(scenario_of(options)),
        terms_{objectives_of(options), options.errors, scenario_.mix},
        search_({.first_per_s = static_cast<double>(options.first),
                 .least_per_s = least_per_s(options),
                 .most_per_s = static_cast<double>(options.most),
                 .precision = options.precision,
                 .repeats = options.repeats}),
        live_(options.run.quiet) {
    if (!options.target.empty()) plan_ = target_plan(options, scenario_);
    result_.objectives = options.objectives;
    result_.least_per_s = least_per_s(options);
    result_.judged = options.path.empty();
    result_.clients_view = !options.target.empty();
    directory_ = std::make_unique<RunDirectory>(options.run.output, "search");
    manifest_ = make_manifest(directory_->id(), "search", options.run.seed, context, configuration);
    keep_adapter(options.adapter, directory_->path());
  }

  int run() {
    try {
      prepare();
      while (const auto rate = search_.next()) note_probe(measure_at(*rate), result_, search_);
    } catch (const std::exception&) {
      note_early_end(manifest_, *directory_, live_);
      result_.interrupted = manifest_["interrupted"].as_bool();
      result_.broke_off = manifest_.contains("broke_off");
      result_.harness_failed = manifest_.contains("harness_error");
    }
    return finish();
  }

 private:
  void prepare() {
    if (!options_.target.empty()) {
      expect_listener(plan_);
      return;
    }
    live_.begin("preparing the database", -1);
    database_ = std::make_unique<TestDatabase>(options_.database);
    if (const auto note = database_->note()) live_.say(*note);
    manifest_["database"] = describe_database(*database_);
    directory_->write_manifest(manifest_);  // it names a database that a kill would leave
    TemporaryDirectory scratch(temporary_root(), "search");
    migrate_database(database_->url(), scratch.path());
    users_ = seed_users(database_->url(), scenario_.users, scratch.path());
  }

  Probe measure_at(double rate) {
    throw_if_interrupted(context_.stop);
    const auto index = static_cast<std::int64_t>(result_.probes.size()) + 1;
    live_.begin(fmt::format("[{}] {:.0f}/s", index, rate), -1);
    Probe probe{.rate_per_s = rate, .repeat = search_.repeat()};
    const load::LoadResult result =
        options_.target.empty() ? private_trial(index, probe) : target_trial(index, probe);
    judge_figures(terms_, result, probe);
    live_.end(fmt::format("{}: {}", word_of(probe, result_.judged), probe.why));
    return probe;
  }

  load::LoadResult private_trial(std::int64_t index, Probe& probe) {
    TrialSpec spec;
    spec.index = index;
    spec.round = probe.repeat;
    spec.variant = variant_;
    spec.scenario = scenario_;
    spec.scenario.rate_per_s = probe.rate_per_s;
    spec.scenario.duration = duration_at(options_, probe.rate_per_s);
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

  // What a measurement gave up may take effect in the next one, which knows nothing of it.
  void settle() {
    if (!unsettled_) return;
    live_.begin("waiting for what got no answer", -1);
    if (stands_still(plan_, k_still, k_patience, context_.stop)) return;
    throw_if_interrupted(context_.stop);
    throw EnvironmentBroke(
        "requests of a measurement got no answer, and a minute later its events had not come to "
        "rest: what follows could not be told from what they do");
  }

  // Those of before hold what they bought: asked again they would be told so.
  void pass_to_next_users(std::size_t rounds) {
    if (plan_.users.empty()) return;
    const std::size_t used = rounds * plan_.connections % plan_.users.size();
    std::ranges::rotate(plan_.users, plan_.users.begin() + static_cast<std::ptrdiff_t>(used));
  }

  load::LoadResult target_trial(std::int64_t index, Probe& probe) {
    settle();
    const auto trial = directory_->make_trial(index, fmt::format("R{:.0f}", probe.rate_per_s));
    load::LoadPlan plan = plan_;
    plan.rate_per_s = probe.rate_per_s;
    plan.duration = duration_at(options_, probe.rate_per_s);
    plan.request_id_salt = salt_ + static_cast<std::uint64_t>(index);
    plan.seed += static_cast<std::uint64_t>(index);
    plan.history_path = trial / "history.jsonl";
    if (plan.get_path.empty()) write_client_header(plan, options_.hold, directory_->id());
    WallClock wall_clock;
    const load::LoadResult result = run_checked_load(
        plan,
        [&](const load::Progress& progress) {
          wall_clock.sample();
          live_.show(progress);
        },
        context_.stop);
    if (result.interrupted) throw Interrupted();
    if (plan.get_path.empty()) {
      unsettled_ = result.run_outcomes[load::Outcome::indeterminate] > 0;
      pass_to_next_users(result.user_rounds);
      note_capacities(plan);
      note_unknown_ends(trial, wall_clock);
    }
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

  /// What every figure stands beside.
  Conditions conditions() {
    Conditions all;
    const auto add = [&all](const std::string& name, const std::string& value) {
      all.emplace_back(name, value);
    };
    if (database_) {
      add("database", database_->version());
      add("durability", database_->durability());
      add("storage", database_->storage());
      add("isolation", "read committed");
      add("strategy", variant_.name);
      add("pool", std::to_string(std::min(options_.pool, options_.connections)));
    } else if (!options_.target.empty()) {
      add("target", options_.target);
    }
    add(options_.path.empty() ? "scenario" : "path",
        options_.path.empty() ? scenario_.name : options_.path);
    add("connections", std::to_string(options_.connections));
    add("threads", std::to_string(options_.threads));
    add("seed", std::to_string(options_.run.seed));
    for (const char* name : {"git_commit", "build_type"})
      add(name == std::string_view("git_commit") ? "commit" : "build",
          std::string(manifest_.at(name).as_string()));
    return all;
  }

  int finish() {
    result_.found = search_.found();
    result_.conditions = conditions();
    manifest_["finished_at"] = utc_now();
    manifest_["rounds"] = options_.repeats;
    directory_->write_manifest(manifest_);
    database_.reset();
    write_file(directory_->path() / "search.json", result_json(result_));
    fmt::print("{}; stored in {}\n", result_text(result_), directory_->path().string());
    return exit_code(result_);
  }

  const SearchOptions& options_;
  const Context& context_;
  Variant variant_;
  Scenario scenario_;
  ProbeTerms terms_;
  RateSearch search_;
  Live live_;
  load::LoadPlan plan_;
  std::unique_ptr<RunDirectory> directory_;
  boost::json::object manifest_;
  std::unique_ptr<TestDatabase> database_;
  std::vector<load::User> users_;
  bool unsettled_ = false;  // the measurement before left requests whose outcome nobody knows
  SearchResult result_;
  const std::uint64_t salt_ = fresh_salt();
};

}  // namespace

void add_search(CLI::App& app, Work& work) {
  auto options = std::make_shared<SearchOptions>();
  CLI::App* command =
      app.add_subcommand("search", "the highest rate that meets an objective, -L 'p99<50ms'");
  add_search_flags(*command, *options);
  command->callback([&work, options, command] {
    work = [options, command](Context context) {
      settle_seed(options->run);
      refuse_flags_of_others(*command, *options, context);
      expect_sense(*options);
      return Search(*options, context, configuration_of(*command)).run();
    };
  });
}

}  // namespace boxoffice::harness
