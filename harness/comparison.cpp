// See comparison.hpp.
//
// plan -> per trial: run_trial -> manifest finished -> reports. Several databases are there at
// once, and their trials interleaved, so that no engine has a quieter machine than another.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>

#include "harness/comparison.hpp"
#include "harness/complexity.hpp"
#include "harness/database/url_text.hpp"
#include "harness/early_end.hpp"
#include "harness/failure.hpp"
#include "harness/instances.hpp"
#include "harness/interrupt.hpp"
#include "harness/live.hpp"
#include "harness/manifest.hpp"
#include "harness/plan.hpp"
#include "harness/programs.hpp"
#include "harness/reference.hpp"
#include "harness/reference_lines.hpp"
#include "harness/run_directory.hpp"
#include "harness/step_summary.hpp"
#include "harness/trial_line.hpp"
#include "reports/report.hpp"

namespace boxoffice::harness {

namespace {

using Clock = std::chrono::steady_clock;

/// A database of the run, with the accounts that buy on it.
struct Contested {
  explicit Contested(const DatabaseChoice& choice) : database(choice) {}

  TestDatabase database;
  std::vector<load::User> users;
};

class Comparison {
 public:
  Comparison(const CompareOptions& options, const Context& context,
             const std::vector<std::pair<std::string, std::string>>& configuration)
      : options_(options),
        context_(context),
        choices_(each_of(options.database)),
        request_(plan_request(options, choices_.size())),
        plan_(make_plan(request_)),
        live_(options.run.quiet),
        directory_(options.run.output, "compare"),
        scratch_(temporary_root(), "compare"),
        manifest_(
            make_manifest(directory_.id(), "compare", options.run.seed, context, configuration)) {
    manifest_["rounds"] = request_.rounds;
    if (options.self) manifest_["self_rounds"] = options.rounds;
    manifest_["indicative"] = is_indicative(request_);
    if (const std::string uneven = uneven_order(options, request_); !uneven.empty())
      manifest_["warnings"].as_array().emplace_back(uneven);
    manifest_["complexity"] = strategy_complexity();
    boost::json::array scenarios;
    for (const Scenario& scenario : request_.scenarios) {
      scenarios.push_back(
          {{"name", scenario.name}, {"summary", scenario.summary}, {"events", scenario.events}});
    }
    manifest_["scenarios"] = std::move(scenarios);
  }

  int run() {
    try {
      execute();
    } catch (const std::exception&) {
      // What was measured so far stays; the run as a whole is no basis for a decision.
      note_early_end(manifest_, directory_, live_);
    }
    return finish();
  }

 private:
  void execute() {
    std::int64_t users = k_reference_users;
    for (const Scenario& scenario : request_.scenarios) users = std::max(users, scenario.users);
    for (const DatabaseChoice& choice : choices_) prepare(choice, users);
    live_.say(fmt::format("{} trials, seed {}", plan_.size(), options_.run.seed));
    for (std::size_t i = 0; i < plan_.size(); ++i) {
      if (i == 0 || plan_[i].round != plan_[i - 1].round) run_references(plan_[i].round);
      if (i == 0) begun_ = Clock::now();
      run_one(plan_[i], i);
    }
  }

  bool several() const { return choices_.size() > 1; }

  void prepare(const DatabaseChoice& choice, std::int64_t users) {
    throw_if_interrupted(context_.stop);
    live_.begin(
        "preparing the database" + (several() ? ": " + without_password(choice.database) : ""), -1);
    Contested& made = *databases_.emplace_back(std::make_unique<Contested>(choice));
    TestDatabase& database = made.database;
    if (const auto note = database.note()) live_.say(*note);
    for (const auto& other : databases_) {
      if (other.get() != &made && other->database.engine() == database.engine())
        throw UsageError(
            fmt::format("--database: two of them are {}, and their figures could not "
                        "be told apart",
                        database.engine()));
    }
    for (const TrialSpec& spec : plan_) expect_room(database, spec.pool, spec.instances);
    boost::json::object facts = describe_database(database);
    if (several())
      facts_.push_back(std::move(facts));
    else
      manifest_["database"] = std::move(facts);
    if (several()) manifest_["database"] = facts_;
    directory_.write_manifest(manifest_);
    migrate_database(database.url(), scratch_.path());
    made.users = seed_users(database.url(), users, scratch_.path());
    live_.say(fmt::format("{}, durability {}, storage {}", database.version(),
                          database.durability(), database.storage()));
  }

  // At every number of clients before the first round, at the best one before each further round.
  void run_references(std::int64_t round) {
    for (const auto& contested : databases_) {
      TestDatabase& database = contested->database;
      for (const std::int64_t clients : references_.clients_of(database, round)) {
        throw_if_interrupted(context_.stop);
        live_.begin(fmt::format("reference line{}: {}, {} clients", on(database),
                                reference_tool(database.dialect()), clients),
                    -1);
        if (!references_.measure(database, clients, scratch_.path())) break;
      }
    }
    manifest_["reference"] = references_.fields();
    directory_.write_manifest(manifest_);
  }

  // " on mariadb" where that does not go without saying.
  std::string on(const TestDatabase& database) const {
    return several() ? " on " + database.engine() : "";
  }

  void run_one(TrialSpec spec, std::size_t position) {
    if (!run_once(spec, position) && !spec.variant.control) {
      spec.repeated = true;  // once, and visibly
      spec.index = static_cast<std::int64_t>(plan_.size()) + ++repeats_;
      run_once(spec, position);
    }
  }

  // True where the trial stands.
  bool run_once(const TrialSpec& spec, std::size_t position) {
    throw_if_interrupted(context_.stop);
    Contested& contested = *databases_.at(spec.database);
    TestDatabase& database = contested.database;
    const std::optional<double> rate = spec.scenario.rate_per_s;
    live_.begin(fmt::format("[{}/{}] {} {}{} c={}{}{}", position + 1, plan_.size(),
                            spec.scenario.name, spec.variant.name, on(database), spec.connections,
                            rate ? fmt::format(" R={}", *rate) : "", on_instances(spec.instances)),
                seconds_left(position));
    const auto directory =
        directory_.make_trial(spec.index, spec.directory_name(database.engine()));
    const TrialOutcome outcome = run_trial(
        spec, database, contested.users, directory,
        [this](const load::Progress& progress) { live_.show(progress); }, context_.stop);
    live_.end(trial_line(outcome, spec.scenario.metric));
    if (!outcome.broke.empty())
      live_.say(fmt::format("boxoffice: trial {}: {}", spec.index, outcome.broke));
    return !wants_repetition(outcome);
  }

  double seconds_left(std::size_t position) const {
    if (position == 0) return -1;
    const double gone = std::chrono::duration<double>(Clock::now() - begun_).count();
    return gone / static_cast<double>(position) * static_cast<double>(plan_.size() - position);
  }

  int finish() {
    if (!manifest_.contains("database")) return code_without_report(manifest_);
    live_.begin("rendering the report", -1);
    manifest_["finished_at"] = utc_now();
    directory_.write_manifest(manifest_);
    databases_.clear();
    const reports::Rendered rendered = reports::render_run(directory_.path());
    append_step_summary_file(rendered.summary_md);
    live_.end(rendered.report_html.string());
    fmt::print("{}", rendered.terminal({.colour = colour_wanted()}));
    return rendered.summary.exit_code;
  }

  const CompareOptions& options_;
  const Context& context_;
  std::vector<DatabaseChoice> choices_;
  PlanRequest request_;
  std::vector<TrialSpec> plan_;
  Live live_;
  RunDirectory directory_;
  TemporaryDirectory scratch_;
  boost::json::object manifest_;
  ReferenceLines references_;
  boost::json::array facts_;  // of the databases, where there are several
  std::vector<std::unique_ptr<Contested>> databases_;
  Clock::time_point begun_;
  std::int64_t repeats_ = 0;
};

}  // namespace

int run_comparison(const CompareOptions& options, const Context& context,
                   const std::vector<std::pair<std::string, std::string>>& configuration) {
  return Comparison(options, context, configuration).run();
}

}  // namespace boxoffice::harness
