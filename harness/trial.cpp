// See trial.hpp.
#include "harness/trial.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <future>

#include "harness/attribution.hpp"
#include "harness/audit/audit.hpp"
#include "harness/checked_load.hpp"
#include "harness/controls.hpp"
#include "harness/failure.hpp"
#include "harness/faults/injector.hpp"
#include "harness/instances.hpp"
#include "harness/interrupt.hpp"
#include "harness/load/summary.hpp"
#include "harness/load/trial_figures.hpp"
#include "harness/run_directory.hpp"
#include "harness/scenario_settings.hpp"
#include "harness/wall_clock.hpp"
#include "properties/audit_json.hpp"
#include "properties/history_json.hpp"
#include "properties/names.hpp"
#include "properties/verdict_json.hpp"

namespace boxoffice::harness {

namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;
namespace json = boost::json;

constexpr auto k_quiet_bound = 15s;

ServerOptions server_options(const TrialSpec& spec, const TestDatabase& database) {
  return {.database_url = database.url(),
          .strategy = spec.variant.strategy,
          .broken = spec.variant.broken,
          .event_concurrency = spec.variant.event_concurrency,
          .pool = spec.pool,
          .connections_max = spec.connections + 100,
          .hold = spec.scenario.hold,
          .sweep_interval = spec.scenario.sweep_interval,
          .log_level = "warn",
          .patience = patience_of(spec)};
}

json::array caught_by(const TrialSpec& spec) {
  const Control* control = spec.variant.control ? find_control(spec.variant.name) : nullptr;
  return control ? json::value_from(control->caught_by).as_array() : json::array();
}

json::object identity(const TrialSpec& spec, TestDatabase& database) {
  return {
      {"schema", "boxoffice.trial/1"},
      {"index", spec.index},
      {"round", spec.round},
      {"control", spec.variant.control},
      {"caught_by", caught_by(spec)},
      {"repeated", spec.repeated},
      {"database", database.engine()},
      {"strategy", spec.variant.strategy},
      {"variant", spec.variant.name},
      {"event_concurrency", spec.variant.event_concurrency},
      {"twin_of", spec.variant.twin_of},
      {"planted", spec.variant.planted},
      {"scenario", spec.scenario.name},
      {"scenario_settings", settings_of(spec.scenario)},
      {"metric", spec.scenario.metric == ScenarioMetric::goodput ? "goodput" : "time_to_sell_out"},
      {"durability", database.durability()},
      {"storage", database.storage()},
      {"isolation", "read committed"},
      {"instances", spec.instances},
      {"pool", spec.pool},
      {"hold_ms", milliseconds(spec.scenario.hold).count()},
      {"seed", spec.seed}};
}

// What breaks after the load is no reason to lose what was measured and recorded: the trial becomes
// invalid.
void note_breakage(TrialOutcome& outcome, const std::string& what) {
  if (outcome.broke.empty()) outcome.broke = what;
}

// Where server or database did not come back after the fault, the trial is invalid.
void run_load_with_fault(const TrialSpec& spec, const load::LoadPlan& plan,
                         const Injector::Ground& ground, const load::ProgressCallback& progress,
                         std::stop_token stop, TrialOutcome& outcome) {
  if (!spec.fault) {
    outcome.load = run_checked_load(plan, progress, stop);
    return;
  }
  Injector injector(*spec.fault, ground);
  load::LoadPlan until_healed = plan;
  const bool wants_sold_out = spec.scenario.evidence.sold_out;
  until_healed.enough = [&](const load::Progress& now) {
    return injector.enough(!wants_sold_out || now.outcomes[load::Outcome::sold_out] > 0);
  };
  auto load = std::async(std::launch::async, [&] {
    const auto seen = [&](const load::Progress& now) {
      injector.saw(now);
      if (progress) progress(now);
    };
    const std::shared_ptr<void> at_end(nullptr, [&](void*) { injector.load_ended(); });
    return run_checked_load(until_healed, seen, stop);
  });
  std::string broke;
  try {
    outcome.fault = injector.run();
  } catch (const EnvironmentBroke& error) {
    broke = error.what();
  }
  outcome.load = load.get();
  if (!broke.empty()) return note_breakage(outcome, broke);
  std::string line;
  properties::append_line(line, *outcome.fault);
  append_to_history(plan.history_path, line);
}

// A private server that was ended by somebody else is the cause, and the rest its consequence.
std::string why_no_audit(TestDatabase& database, const SqlError& error) {
  PrivateDatabase* const own = database.private_server();
  const auto ended = own ? own->server().wait_for(0ms) : std::nullopt;
  if (!ended) return fmt::format("the audit failed: {}", error.what());
  return fmt::format(
      "the private database ended during the run, which had not told it to ({})",
      *ended > 128 ? fmt::format("signal {}", *ended - 128) : fmt::format("exit code {}", *ended));
}

void audit_into(TestDatabase& database, const std::vector<std::string>& targets,
                const std::vector<std::int64_t>& events, TrialOutcome& outcome) {
  try {
    Sql sql = database.connect();
    wait_until_quiet(sql, k_quiet_bound);
    std::string text;
    const properties::Audit audit = read_audit(sql, targets, events);
    properties::append_audit(text, audit);
    write_file(outcome.directory / "audit.jsonl", text);
    for (const properties::AuditedEvent& event : audit.events) {
      if (!event.get_available)
        return note_breakage(outcome,
                             fmt::format("the server did not say after the end what it has "
                                         "left of event {}",
                                         event.event_id));
    }
  } catch (const SqlError& error) {
    note_breakage(outcome, why_no_audit(database, error));
  } catch (const EnvironmentBroke& error) {
    note_breakage(outcome, error.what());
  }
}

// On a disk that is full this cannot be written either: what was lost first is the news.
void store_breakage(const TrialOutcome& outcome) {
  if (outcome.broke.empty()) return;
  try {
    keep_breakage(outcome.directory, {outcome.broke, outcome.clock_moved_us});
  } catch (const EnvironmentBroke&) {
    throw EnvironmentBroke(fmt::format("{}: {}", outcome.directory.string(), outcome.broke));
  }
}

void judge_into(TrialOutcome& outcome) {
  store_breakage(outcome);
  const properties::History history = read_history_file(outcome.directory / "history.jsonl");
  outcome.verdict = judge_trial(outcome.directory, history);
  outcome.fairness = fairness_of(history);
  write_file(outcome.directory / "verdict.json", properties::verdict_line(outcome.verdict));
}

/// What the database counted since the trial began; throws SqlError.
struct Counted {
  std::int64_t deadlocks = 0;
  std::int64_t commits = 0;

  explicit Counted(TestDatabase& database)
      : deadlocks(database.deadlocks()), commits(database.commits()) {}
  void add_change_to(json::object& trial, const Counted& before, std::uint64_t successes) const {
    // A database that was restarted counts anew.
    if (deadlocks >= before.deadlocks) trial["deadlocks"] = deadlocks - before.deadlocks;
    if (commits < before.commits || successes == 0) return;
    trial["commits_per_success"] =
        static_cast<double>(commits - before.commits) / static_cast<double>(successes);
  }
};

// A variant that sells all before the others have, or to everybody, is no slower for having none
// left.
std::string what_ran_out(const TrialSpec& spec, const load::LoadPlan& plan,
                         const load::LoadResult& result) {
  if (!spec.compared || spec.scenario.metric != ScenarioMetric::goodput) return {};
  const std::string tickets = load::tickets_ran_out(result);
  return tickets.empty() ? load::users_ran_out(plan, result) : tickets;
}

void write_trial(json::object trial, const load::LoadPlan& plan, const TrialOutcome& outcome) {
  for (auto& field : load::trial_fields(plan, outcome.load))
    trial.insert_or_assign(field.key(), field.value());
  trial["verdict"] = properties::name_of(outcome.verdict.outcome);
  trial["violations"] = json::value_from(outcome.verdict.violations);
  if (outcome.fairness) {
    trial["fairness"] = {{"jain", outcome.fairness->jain}, {"users", outcome.fairness->users}};
  }
  if (!outcome.ran_out.empty()) {
    const std::string& own = outcome.load.figure_why;
    trial["figure_valid"] = false;
    trial["figure_why"] = own + (own.empty() ? "" : "; ") + outcome.ran_out;
  }
  if (!outcome.broke.empty()) {
    trial["figure_valid"] = false;
    trial["figure_why"] = outcome.broke;
  }
  write_file(outcome.directory / "latency.hdr", load::latency_hdr(outcome.load));
  write_file(outcome.directory / "timeseries.csv", load::timeseries_csv(outcome.load));
  write_file(outcome.directory / "trial.json", json::serialize(trial) + "\n");
}

}  // namespace

bool wants_repetition(const TrialOutcome& outcome) {
  if (outcome.server_ended) return false;
  return outcome.verdict.outcome == properties::Outcome::invalid || !outcome.load.figure_valid;
}

TrialOutcome run_trial(const TrialSpec& spec, TestDatabase& database,
                       const std::vector<load::User>& users, const fs::path& directory,
                       const load::ProgressCallback& progress, std::stop_token stop) {
  throw_if_interrupted(stop);
  TrialOutcome outcome;
  outcome.directory = directory;
  std::vector<std::int64_t> events;
  json::object trial;
  std::optional<Counted> before;
  try {
    events = database.reset(spec.scenario);
    trial = identity(spec, database);
    before.emplace(database);
  } catch (const SqlError& error) {
    throw EnvironmentBroke(
        fmt::format("the database cannot be prepared for a trial: {}", error.what()));
  }
  properties::Header header =
      history_header(directory.filename().string(), spec.seed, spec.scenario, events);
  header.evidence.faults = spec.fault ? 1 : 0;
  header.audit_due = true;
  header.early_visibility = database.dialect() == SqlDialect::mysql;
  std::string line;
  properties::append_line(line, header);
  write_file(directory / "history.jsonl", line);

  WallClock wall_clock;
  const auto watched = [&](const load::Progress& now) {
    wall_clock.sample();
    if (progress) progress(now);
  };
  std::optional<Proxy> proxy;
  if (spec.fault && needs_proxy(spec.fault->kind)) proxy.emplace(database.private_server()->port());
  ServerOptions options = server_options(spec, database);
  if (proxy) options.database_url = database.url_through(proxy->port());
  Instances servers(options, spec.instances, directory);
  load::LoadPlan plan =
      load_plan(spec, servers.targets(), users, events, directory / "history.jsonl");
  std::optional<Attribution> attribution;  // a fault takes away those who would be asked
  if (!spec.fault) attribution.emplace(database.url(), servers.targets());
  if (attribution) plan.before_measuring = [&]() noexcept { attribution->begin(); };
  run_load_with_fault(spec, plan,
                      {servers.first(), database.private_server(), proxy ? &*proxy : nullptr,
                       database.small_disk()},
                      watched, stop, outcome);
  if (outcome.load.interrupted) {
    servers.stop();
    throw Interrupted();
  }
  if (const load::RecorderStatus& recorder = outcome.load.recorder; !recorder.ok)
    note_breakage(outcome, "the history could not be written: " + recorder.error);
  outcome.ran_out = what_ran_out(spec, plan, outcome.load);
  if (attribution) attribution->end();
  audit_into(database, servers.targets(), events, outcome);
  if (const auto set = wall_clock.set_meanwhile(k_clock_slack_us); !set.why.empty()) {
    note_breakage(outcome, set.why);
    outcome.clock_moved_us = set.clock_moved_us;
  }
  outcome.server_ended = servers.any_ended();
  if (const std::string wrong = servers.stop(); !wrong.empty()) note_breakage(outcome, wrong);
  judge_into(outcome);
  if (attribution) attribution->store(trial, outcome.load.changes(), directory);
  try {
    Counted(database).add_change_to(trial, *before,
                                    outcome.load.run_outcomes[load::Outcome::success]);
  } catch (const SqlError&) {  // said already, by the audit
  }
  write_trial(std::move(trial), plan, outcome);
  return outcome;
}

}  // namespace boxoffice::harness
