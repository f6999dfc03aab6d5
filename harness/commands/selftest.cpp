// boxoffice selftest: does the harness catch what it says it catches?
//
// Each negative control runs on each engine that is installed, scenario after scenario, until an
// invariant that is named for its bug is violated; a control that stays uncaught for --time, or is
// caught only by something else, makes the run invalid (12). The sound strategies go through the
// same scenarios beside them, and through the same faults where a control needs one: an alarm there
// is a violation (10), of theirs or of the oracle's.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "harness/audit/trail.hpp"
#include "harness/commands/commands.hpp"
#include "harness/commands/options.hpp"
#include "harness/commands/replay.hpp"
#include "harness/controls.hpp"
#include "harness/early_end.hpp"
#include "harness/failure.hpp"
#include "harness/instances.hpp"
#include "harness/interrupt.hpp"
#include "harness/live.hpp"
#include "harness/manifest.hpp"
#include "harness/programs.hpp"
#include "harness/run_directory.hpp"
#include "harness/step_summary.hpp"
#include "harness/stored_trial.hpp"
#include "harness/trial.hpp"
#include "properties/names.hpp"
#include "reports/report.hpp"

namespace boxoffice::harness {

namespace {

using Clock = std::chrono::steady_clock;

// The mixed one first: it shows most bugs. Ample supply shows what "sold out" hides.
const std::vector<std::string> k_scenarios = {"verify-churn", "verify-ample", "verify-rush"};

struct SelftestOptions {
  RunOptions run;
  DatabaseChoice database;
  std::vector<std::string> controls = {"all"};
  Duration time = std::chrono::seconds(60);
  std::int64_t sound = 3;
  std::int64_t pool = k_verify_pool;
};

/// What it takes beside load for a bug to wake up.
struct Conditions {
  std::optional<FaultKind> fault;
  std::int64_t instances = 1;
  bool operator==(const Conditions&) const = default;
};

Conditions conditions_of(const Variant& control) {
  const Control& known = *find_control(control.name);
  return {known.fault, known.instances};
}

/// How it went for one control on one engine.
struct Row {
  std::string control, database;
  std::string invariants = {};
  std::int64_t operations = 0;
  double seconds = 0;
  bool caught = false, left_out = false;
};

bool is_beyond(const Variant& control, const DatabaseChoice& database) {
  const auto& fault = find_control(control.name)->fault;
  return fault && needs_private_database(*fault) && dialect_of(database.database);
}

// Where none of those that were named can be tested, nothing would be caught, and nothing missed.
std::vector<Variant> chosen_controls(const std::vector<std::string>& names,
                                     const DatabaseChoice& database) {
  std::vector<Variant> chosen;
  for (const Control& control : controls()) {
    const bool all = names == std::vector<std::string>{"all"};
    if (!all && !std::ranges::count(names, control.name)) continue;
    chosen.push_back(variant_named(control.name));
    chosen.back().control = true;
  }
  const auto beyond = [&](const Variant& control) { return is_beyond(control, database); };
  if (!chosen.empty() && std::ranges::all_of(chosen, beyond)) {
    const std::string& name = chosen.front().name;
    throw UsageError(fmt::format(
        "--controls: {} needs the fault {}, which is only done to a private database, not to one "
        "that --database names",
        name, name_of(*find_control(name)->fault)));
  }
  for (const std::string& name : names) {
    if (name != "all" && name != "none" && !find_control(name))
      throw UsageError(fmt::format("--controls: '{}' is no negative control; there are {}", name,
                                   fmt::join(negative_controls(), ", ")));
  }
  return chosen;
}

class Selftest {
 public:
  Selftest(const SelftestOptions& options, const Context& context,
           const std::vector<std::pair<std::string, std::string>>& configuration)
      : options_(options),
        context_(context),
        controls_(chosen_controls(options.controls, options.database)),
        choices_(each_of(options.database)),
        live_(options.run.quiet),
        directory_(options.run.output, "selftest"),
        scratch_(temporary_root(), "selftest"),
        manifest_(
            make_manifest(directory_.id(), "selftest", options.run.seed, context, configuration)) {
    for (const std::string& name : k_scenarios) scenarios_.push_back(load_scenario(name));
  }

  int run() {
    try {
      for (const DatabaseChoice& choice : choices_) run_on(choice);
    } catch (const std::exception&) {
      note_early_end(manifest_, directory_, live_);
    }
    return finish();
  }

 private:
  void run_on(const DatabaseChoice& choice) {
    throw_if_interrupted(context_.stop);
    live_.begin("preparing " + choice.database, -1);
    TestDatabase database(choice);
    if (const auto note = database.note()) live_.say(*note);
    databases_.push_back(describe_database(database));
    manifest_["database"] = databases_;
    directory_.write_manifest(manifest_);
    migrate_database(database.url(), scratch_.path());
    Sql sql = database.connect();
    if (const auto why = install_trail(sql)) live_.say(*why);
    std::int64_t users = 1;
    for (const Scenario& scenario : scenarios_) users = std::max(users, scenario.users);
    users_ = seed_users(database.url(), users, scratch_.path());
    live_.end(database.version());
    for (const std::string& name : sound_strategies()) {
      for (std::int64_t lap = 0; lap < options_.sound; ++lap)
        run_sound(database, variant_named(name), choice, lap, {});
      std::int64_t lap = options_.sound;
      for (const Conditions& conditions : conditions_needed()) {
        if (options_.sound > 0 && can_happen_to(database, conditions.fault))
          run_sound(database, variant_named(name), choice, lap++, conditions);
      }
    }
    for (const Variant& control : controls_) {
      if (can_happen_to(database, find_control(control.name)->fault)) {
        run_until_caught(database, control);
      } else {
        rows_.push_back({.control = control.name, .database = database.engine(), .left_out = true});
      }
    }
  }

  static bool can_happen_to(const TestDatabase& database, std::optional<FaultKind> fault) {
    return !fault || !needs_private_database(*fault) || database.is_private();
  }

  // By the controls that were chosen (where none were, by any), each once, and more than load.
  std::vector<Conditions> conditions_needed() const {
    std::vector<Conditions> needed;
    for (const Control& control : controls()) {
      const bool chosen =
          controls_.empty() || std::ranges::count(controls_, control.name, &Variant::name) > 0;
      if (!chosen) continue;
      const Conditions conditions{control.fault, control.instances};
      if (conditions != Conditions{} && !std::ranges::count(needed, conditions))
        needed.push_back(conditions);
    }
    return needed;
  }

  TrialOutcome run_one(TestDatabase& database, const Variant& variant, std::int64_t lap,
                       const Conditions& conditions) {
    throw_if_interrupted(context_.stop);
    TrialSpec spec;
    spec.index = ++trials_;
    spec.round = lap + 1;
    spec.variant = variant;
    spec.scenario = scenario_of(lap);
    spec.connections = spec.scenario.connections.back();
    if (spec.scenario.evidence.any()) spec.operations_min = k_operations_to_judge;
    spec.pool = options_.pool;
    spec.instances = conditions.instances;
    spec.seed = options_.run.seed + static_cast<std::uint64_t>(lap);
    if (conditions.fault) spec.fault = draw_fault(*conditions.fault, spec.seed);
    live_.begin(fmt::format("[{}] {} {} {}{} {}", spec.index, database.engine(), variant.name,
                            spec.scenario.name, on_instances(spec.instances),
                            conditions.fault ? name_of(*conditions.fault) : ""),
                -1);
    TrialOutcome outcome = run_trial(
        spec, database, users_,
        directory_.make_trial(spec.index, spec.directory_name(database.engine())),
        [this](const load::Progress& progress) { live_.show(progress); }, context_.stop);
    live_.end(std::string(properties::name_of(outcome.verdict.outcome)));
    return outcome;
  }

  void run_sound(TestDatabase& database, const Variant& variant, const DatabaseChoice& choice,
                 std::int64_t lap, const Conditions& conditions) {
    const TrialOutcome outcome = run_one(database, variant, lap, conditions);
    if (outcome.verdict.outcome == properties::Outcome::pass || !alarm_.empty()) return;
    alarm_ = outcome.directory;
    replay_ = replay_command({.strategy = variant.name,
                              .scenario = scenario_of(lap).name,
                              .seed = options_.run.seed + static_cast<std::uint64_t>(lap),
                              .pool = options_.pool,
                              .instances = conditions.instances,
                              .fault = conditions.fault ? name_of(*conditions.fault) : ""},
                             choice);
  }

  const Scenario& scenario_of(std::int64_t lap) const {
    return scenarios_[static_cast<std::size_t>(lap) % scenarios_.size()];
  }

  void run_until_caught(TestDatabase& database, const Variant& variant) {
    const Control& control = *find_control(variant.name);
    Row& row = rows_.emplace_back(Row{.control = variant.name, .database = database.engine()});
    const auto begun = Clock::now();
    std::int64_t lap = 0;
    do {
      const TrialOutcome outcome = run_one(database, variant, lap++, conditions_of(variant));
      row.operations += static_cast<std::int64_t>(outcome.load.run_outcomes.total());
      row.seconds = std::chrono::duration<double>(Clock::now() - begun).count();
      std::vector<std::string> violated;
      for (const properties::Check& check : outcome.verdict.checks) {
        if (check.outcome != properties::Outcome::violation) continue;
        violated.push_back(check.invariant);
        row.caught = row.caught || std::ranges::count(control.caught_by, check.invariant) > 0;
      }
      if (!violated.empty()) row.invariants = fmt::format("{}", fmt::join(violated, " "));
    } while (!row.caught && Clock::now() - begun < options_.time);
  }

  void print_table() const {
    if (rows_.empty()) return;
    fmt::print("{:<27}{:<11}{:<30}{:>6}{:>6}\n", "control", "on", "caught by", "ops", "s");
    for (const Row& row : rows_) {
      fmt::print("{:<27}{:<11}{:<30}{:>6}{:>6.1f}\n  {}\n", row.control, row.database,
                 row.left_out             ? "LEFT OUT"
                 : row.caught             ? row.invariants
                 : row.invariants.empty() ? "NOT CAUGHT"
                                          : "only by " + row.invariants,
                 row.operations, row.seconds,
                 row.left_out ? "its fault is only done to a private database"
                              : find_control(row.control)->bug);
    }
  }

  int finish() {
    if (databases_.empty()) return code_without_report(manifest_);
    manifest_["finished_at"] = utc_now();
    manifest_["rounds"] = trials_;
    if (!replay_.empty()) manifest_["replay"] = replay_;
    directory_.write_manifest(manifest_);
    const reports::Rendered rendered = reports::render_run(directory_.path());
    append_step_summary_file(rendered.summary_md);
    if (!alarm_.empty()) fmt::print("{}", explain_trial(alarm_, replay_));
    print_table();
    const auto caught = std::ranges::count_if(rows_, &Row::caught);
    const auto left_out = std::ranges::count_if(rows_, &Row::left_out);
    fmt::print("{}: {} of {} controls caught{}; {} sound trials, seed {}\n",
               reports::headline_word(rendered.summary), caught, std::ssize(rows_) - left_out,
               left_out > 0 ? fmt::format(", {} left out", left_out) : "",
               rendered.summary.sound_trials, options_.run.seed);
    for (const std::string& reason : rendered.summary.reasons) fmt::print("  {}\n", reason);
    fmt::print("report: {}\n", rendered.report_html.string());
    return rendered.summary.exit_code;
  }

  const SelftestOptions& options_;
  const Context& context_;
  std::vector<Variant> controls_;
  std::vector<DatabaseChoice> choices_;
  Live live_;
  RunDirectory directory_;
  TemporaryDirectory scratch_;
  boost::json::object manifest_;
  boost::json::array databases_;
  std::vector<Scenario> scenarios_;
  std::vector<load::User> users_;
  std::vector<Row> rows_;
  std::int64_t trials_ = 0;
  std::filesystem::path alarm_;  // the first trial of a sound strategy that is no pass
  std::string replay_;
};

}  // namespace

void add_selftest(CLI::App& app, Work& work) {
  auto options = std::make_shared<SelftestOptions>();
  CLI::App* command =
      app.add_subcommand("selftest", "does it catch every deliberately broken strategy?");
  add_run_options(*command, options->run);
  add_database_options(*command, options->database);
  add_list(*command, "--controls", options->controls, "which ones, or 'all' or 'none'");
  add_duration(*command, "--time", options->time,
               "a control that is not caught by then, in one trial at least, is missed");
  add_count(*command, "--sound", options->sound, 0,
            "so many trials of each sound strategy, which must pass");
  add_count(*command, "--pool", options->pool, 1, "database connections of the server");
  CLI::Option* const database = command->get_option("--database");
  database->default_str("each that is installed");
  command->callback([&work, options, command, database] {
    work = [options, command, database](const Context& context) {
      if (database->count() == 0)
        options->database.database = installed_products(options->database);
      settle_seed(options->run);
      return Selftest(*options, context, configuration_of(*command)).run();
    };
  });
}

}  // namespace boxoffice::harness
