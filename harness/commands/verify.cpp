// boxoffice verify: is this strategy correct? Trials that provoke every race, one after another,
// until the time is over or one of them is no pass. Exit 0, or the few operations that contradict
// each other.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <map>
#include <random>

#include "harness/audit/trail.hpp"
#include "harness/commands/commands.hpp"
#include "harness/commands/options.hpp"
#include "harness/commands/replay.hpp"
#include "harness/commands/verify_target.hpp"
#include "harness/early_end.hpp"
#include "harness/failure.hpp"
#include "harness/faults/fault.hpp"
#include "harness/instances.hpp"
#include "harness/interrupt.hpp"
#include "harness/live.hpp"
#include "harness/manifest.hpp"
#include "harness/programs.hpp"
#include "harness/run_directory.hpp"
#include "harness/server_process.hpp"
#include "harness/step_summary.hpp"
#include "harness/stored_trial.hpp"
#include "harness/trial.hpp"
#include "properties/names.hpp"
#include "reports/report.hpp"

namespace boxoffice::harness {

namespace {

using Clock = std::chrono::steady_clock;

struct VerifyOptions {
  RunOptions run;
  DatabaseChoice database;
  std::string strategy = "pessimistic";
  std::vector<std::string> scenarios = {"verify-rush", "verify-churn", "verify-ample"};
  Duration time = std::chrono::seconds(15);
  std::int64_t pool = k_verify_pool;
  std::int64_t threads = k_verify_threads;
  std::int64_t instances = 1;
  std::vector<std::string> faults;
  TargetOptions target;
};

// What cannot be done is said before anything is started. A full disk takes root: "all" is then all
// but that, and `left_out` says so.
std::vector<FaultKind> checked_faults(const VerifyOptions& options, std::string& left_out) {
  std::vector<FaultKind> kinds = parse_faults(options.faults);
  for (const FaultKind kind : kinds) {  // both end the database, a full disk at least PostgreSQL
    const bool ends_it = kind == FaultKind::kill_database || kind == FaultKind::disk_full;
    if (ends_it && options.database.durability == Durability::relaxed)
      throw UsageError(
          fmt::format("--faults: {} needs --durability full: relaxed loses acknowledged commits",
                      name_of(kind)));
  }
  const auto full = std::ranges::find(kinds, FaultKind::disk_full);
  if (const std::string why = full == kinds.end() ? "" : SmallDisk::why_not(); !why.empty()) {
    left_out = fmt::format("disk-full is left out: {}", why);
    if (kinds.size() == 1 || options.faults != std::vector<std::string>{"all"})
      throw UsageError("--faults: disk-full: " + why);
    kinds.erase(full);
  }
  for (const FaultKind kind : kinds) {
    if (needs_private_database(kind) && dialect_of(options.database.database))
      throw UsageError(fmt::format(
          "--faults: {} is only done to a private database, not to one that --database names",
          name_of(kind)));
    if (kind == FaultKind::clock_skew && faketime_library().empty())
      throw UsageError("--faults: clock-skew needs libfaketime: install the package 'faketime'");
  }
  return kinds;
}

class Verification {
 public:
  Verification(const VerifyOptions& options, const Context& context,
               const std::vector<std::pair<std::string, std::string>>& configuration)
      : options_(options),
        context_(context),
        variant_(variant_named(options.strategy)),
        faults_(checked_faults(options, left_out_)),
        live_(options.run.quiet) {
    for (const std::string& name : options.scenarios) {
      scenarios_.push_back(load_scenario(name));
      expect_users(scenarios_.back(), scenarios_.back().connections.back());
      if (!faults_.empty() && !scenarios_.back().stages.empty())
        throw UsageError(
            fmt::format("--faults: stages of {} end with their time, and a load with a fault goes "
                        "on until it is healed: name a scenario without",
                        scenarios_.back().name));
    }
    std::mt19937_64 order(options.run.seed);
    std::ranges::shuffle(faults_, order);  // each once, then each again
    directory_ = std::make_unique<RunDirectory>(options.run.output, "verify");
    manifest_ = make_manifest(directory_->id(), "verify", options.run.seed, context, configuration);
  }

  int run() {
    try {
      execute();
    } catch (const std::exception&) {
      note_early_end(manifest_, *directory_, live_);
    }
    return finish();
  }

 private:
  void execute() {
    live_.begin("preparing the database", -1);
    if (!left_out_.empty()) manifest_["faults_left_out"] = left_out_;
    database_ = std::make_unique<TestDatabase>(options_.database);
    if (const auto note = database_->note()) live_.say(*note);
    manifest_["database"] = describe_database(*database_);
    directory_->write_manifest(manifest_);  // it names a database that a kill would leave
    version_ = database_->version();
    expect_room(*database_, options_.pool, options_.instances);
    users_ = provision(*database_);
    const auto begun = Clock::now();
    // Each scenario and each fault at least once, then on until the time is over.
    const std::size_t least = std::max(scenarios_.size(), faults_.size());
    for (std::size_t i = 0; i < least || Clock::now() - begun < options_.time; ++i) {
      if (!run_one(i, seconds(options_.time) -
                          std::chrono::duration<double>(Clock::now() - begun).count()))
        return;
    }
  }

  std::vector<load::User> provision(TestDatabase& database) {
    TemporaryDirectory scratch(temporary_root(), "verify");
    migrate_database(database.url(), scratch.path());
    {
      Sql sql = database.connect();
      if (const auto why = install_trail(sql)) live_.say(*why);
    }
    std::int64_t users = 1;
    for (const Scenario& scenario : scenarios_) users = std::max(users, scenario.users);
    return seed_users(database.url(), users, scratch.path());
  }

  TrialOutcome run(const TrialSpec& spec, TestDatabase& database,
                   const std::vector<load::User>& users) {
    return run_trial(
        spec, database, users,
        directory_->make_trial(spec.index, spec.directory_name(database.engine())),
        [this](const load::Progress& progress) { live_.show(progress); }, context_.stop);
  }

  // The database whose disk is full lives for its trial only: all others are on the disk that was
  // asked for.
  TrialOutcome run_on_small_disk(const TrialSpec& spec) {
    DatabaseChoice choice = options_.database;
    choice.small_disk = true;
    TestDatabase database(choice);
    return run(spec, database, provision(database));
  }

  // In turn. A full disk is felt only where much is written: the scenario that sells out last.
  std::size_t scenario_for(std::size_t position, std::optional<FaultKind> kind) const {
    if (kind != FaultKind::disk_full) return position % scenarios_.size();
    const auto all_tickets = [](const Scenario& scenario) {
      return scenario.events * scenario.tickets;
    };
    return static_cast<std::size_t>(std::ranges::max_element(scenarios_, {}, all_tickets) -
                                    scenarios_.begin());
  }

  // False where the trial is no pass: the search for a counterexample is over.
  bool run_one(std::size_t position, double left_s) {
    throw_if_interrupted(context_.stop);
    TrialSpec spec;
    spec.index = static_cast<std::int64_t>(position) + 1;
    spec.variant = variant_;
    const std::optional<FaultKind> kind =
        faults_.empty() ? std::nullopt : std::optional(faults_[position % faults_.size()]);
    const std::size_t chosen = scenario_for(position, kind);
    spec.scenario = scenarios_[chosen];
    spec.round = ++rounds_[spec.scenario.name];
    spec.connections = spec.scenario.connections.back();
    if (spec.scenario.evidence.any()) spec.operations_min = k_operations_to_judge;
    spec.threads = options_.threads;
    spec.pool = options_.pool;
    spec.instances = options_.instances;
    spec.seed = options_.run.seed + position;
    std::string fault;
    if (kind) {
      spec.fault = draw_fault(*kind, spec.seed);
      fault = name_of(*kind);
    }
    live_.begin(fmt::format("[{}] {} {}{} {}", spec.index, variant_.name, spec.scenario.name,
                            on_instances(spec.instances), fault),
                left_s);
    const TrialOutcome outcome =
        kind == FaultKind::disk_full ? run_on_small_disk(spec) : run(spec, *database_, users_);
    operations_ += static_cast<std::int64_t>(outcome.load.run_outcomes.total());
    ++trials_;
    live_.end(fmt::format("{} operations, {}", outcome.load.run_outcomes.total(),
                          properties::name_of(outcome.verdict.outcome)));
    if (outcome.fault) {
      live_.say(
          fmt::format("  {}: {} operations under way, healed after {:.2f} s; {}", fault,
                      outcome.fault->in_flight,
                      static_cast<double>(outcome.fault->healed_ns - outcome.fault->t_ns) / 1e9,
                      outcome.fault->evidence));
    }
    if (outcome.verdict.outcome == properties::Outcome::pass) return true;
    failed_ = outcome.directory;
    replay_ = replay_command({.strategy = variant_.name,
                              .scenario = options_.scenarios[chosen],
                              .seed = spec.seed,
                              .pool = options_.pool,
                              .threads = options_.threads,
                              .instances = options_.instances,
                              .fault = fault},
                             options_.database);
    return false;
  }

  int finish() {
    if (!database_) return code_without_report(manifest_);
    manifest_["finished_at"] = utc_now();
    manifest_["rounds"] = trials_;
    if (!replay_.empty()) manifest_["replay"] = replay_;
    directory_->write_manifest(manifest_);
    database_.reset();
    const reports::Rendered rendered = reports::render_run(directory_->path());
    append_step_summary_file(rendered.summary_md);
    if (!failed_.empty()) {
      fmt::print("{}", explain_trial(failed_, replay_));
    }
    const int code = rendered.summary.exit_code;
    const std::string several =
        options_.instances == 1 ? "" : fmt::format(", {} instances,", options_.instances);
    fmt::print("{}",
               paragraph(fmt::format("{}: {}{} on {}, {} {}, {} operations, seed {}",
                                     reports::headline_word(rendered.summary), variant_.name,
                                     several, version_, trials_, trials_ == 1 ? "trial" : "trials",
                                     operations_, options_.run.seed),
                         false));
    if (code != k_exit_pass) {
      for (const std::string& reason : rendered.summary.reasons)
        fmt::print("{}", paragraph(reason));
    }
    fmt::print("{}", not_attempted_text(rendered.summary.not_attempted));
    if (!left_out_.empty()) fmt::print("{}\n", left_out_);
    fmt::print("report: {}\n", rendered.report_html.string());
    return code;
  }

  const VerifyOptions& options_;
  const Context& context_;
  Variant variant_;
  std::string left_out_;  // of the faults, and why
  std::vector<FaultKind> faults_;
  Live live_;
  std::vector<Scenario> scenarios_;
  std::unique_ptr<RunDirectory> directory_;
  boost::json::object manifest_;
  std::unique_ptr<TestDatabase> database_;
  std::string version_;
  std::vector<load::User> users_;
  std::int64_t trials_ = 0;
  std::map<std::string, std::int64_t> rounds_;  // of each scenario, so far
  std::int64_t operations_ = 0;
  std::filesystem::path failed_;
  std::string replay_;
};

}  // namespace

void add_verify(CLI::App& app, Work& work) {
  auto options = std::make_shared<VerifyOptions>();
  CLI::App* command = app.add_subcommand("verify", "is this strategy correct? (the CI gate)");
  add_run_options(*command, options->run);
  add_database_options(*command, options->database);
  command->add_option("--strategy", options->strategy, "a strategy, or a negative control")
      ->envname("BOXOFFICE_STRATEGY")
      ->type_name("")
      ->default_str(options->strategy);
  add_list(*command, "--scenarios", options->scenarios, "shipped ones or TOML files, in turn");
  add_duration(*command, "--time", options->time,
               "goes on this long; each scenario runs at least once");
  add_count(*command, "--pool", options->pool, 1, "database connections of each server");
  add_count(*command, "--instances", options->instances, 1,
            "servers on the one database, that each client asks in turn; judged as one");
  add_count(*command, "-t,--threads", options->threads, 1, "of the load generator");
  add_list(*command, "--faults", options->faults,
           "what happens to server and database under load: kill-server, ..., or all");
  add_target_options(*command, options->target);
  command->callback([&work, options, command] {
    work = [options, command](Context context) {
      settle_seed(options->run);
      if (!options->target.target.empty()) {
        refuse_flags(*command, context, {"--faults"},
                     "only what this program has started can be killed or cut off");
        refuse_flags(*command, context,
                     {"--strategy", "--scenarios", "--pool", "--instances", "--database",
                      "--durability", "--storage", "--postgresql-bin", "--mysql-root"},
                     "of a server that this program starts, not of a --target");
        return verify_target(options->target, options->run, options->time, options->threads,
                             context, configuration_of(*command));
      }
      refuse_flags(*command, context,
                   {"--ca", "--adapter", "--tokens", "--events", "--audit-database", "--hold",
                    "--connections", "--rate"},
                   "only with --target; without it the strategy of a private server is judged");
      return Verification(*options, context, configuration_of(*command)).run();
    };
  });
}

}  // namespace boxoffice::harness
