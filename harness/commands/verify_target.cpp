// See verify_target.hpp.
//
// What such a server does not say is not checked, and the verdict says so: without event versions
// in its replies H5 is not attempted and H6 decides; without its database D and X are not, and
// nothing that only the rows could settle is a pass (unknown, exit 11). There is no provisioning
// and no reset: the run buys from the events that are named, with the tokens that are given.
#include "harness/commands/verify_target.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>

#include "harness/adapter_file.hpp"
#include "harness/audit/audit.hpp"
#include "harness/commands/load_run.hpp"
#include "harness/commands/target_plan.hpp"
#include "harness/database/engine.hpp"
#include "harness/declared_hold.hpp"
#include "harness/failure.hpp"
#include "harness/interrupt.hpp"
#include "harness/live.hpp"
#include "harness/load/load.hpp"
#include "harness/load/preflight.hpp"
#include "harness/load/trial_figures.hpp"
#include "harness/manifest.hpp"
#include "harness/programs.hpp"
#include "harness/run_directory.hpp"
#include "harness/step_summary.hpp"
#include "harness/stored_trial.hpp"
#include "harness/target.hpp"
#include "properties/audit_json.hpp"
#include "properties/history_json.hpp"
#include "properties/names.hpp"
#include "properties/verdict_json.hpp"
#include "reports/replay.hpp"
#include "reports/report.hpp"

namespace boxoffice::harness {

namespace {

using namespace std::chrono_literals;
namespace json = boost::json;

/// Whose database it is that was read; "unknown" where none was.
std::string engine_of(const std::string& url) {
  if (url.empty()) return "unknown";
  Sql sql(url);
  return server_name(sql.dialect(), sql.text("SELECT version()")).product;
}

/// The history's first lines, and by them how many purchases the load may make. Returns whose
/// database is read. Throws UsageError where target or database are not such that they can be
/// judged.
std::string write_header(const TargetOptions& options, const std::string& run_id,
                         load::LoadPlan& plan) {
  try {
    load::check_plan(plan);
    properties::Header header = header_for(plan, run_id, options.hold);
    header.evidence = {.sold_out = true, .contention = true, .cancel = plan.mix.cancel > 0};
    plan.purchases_max = purchases_max(header, plan);
    header.audit_due = !options.audit_database.empty();
    std::string line;
    properties::append_line(line, header);
    write_file(plan.history_path, line);
    refuse_unfit_database(options, header);
    return engine_of(options.audit_database);
  } catch (const std::invalid_argument& error) {
    throw UsageError(error.what());
  } catch (const SqlError& error) {
    throw UsageError(fmt::format("--audit-database: {}", error.what()));
  }
}

json::object database_facts(const std::string& engine) {
  return {{"engine", engine},        {"version", "of the target"}, {"settings", json::object()},
          {"durability", "unknown"}, {"storage", "unknown"},       {"isolation", "unknown"}};
}

json::object identity(const std::string& engine, const RunOptions& run, Duration hold) {
  return {{"schema", "boxoffice.trial/1"},
          {"index", 1},
          {"round", 1},
          {"control", false},
          {"repeated", false},
          {"database", engine},
          {"strategy", "target"},
          {"variant", "target"},
          {"event_concurrency", 0},
          {"scenario", "target"},
          {"metric", "goodput"},
          {"durability", "unknown"},
          {"storage", "unknown"},
          {"isolation", "unknown"},
          {"pool", 0},
          {"hold_ms", milliseconds(hold).count()},
          {"seed", run.seed}};
}

// Empty where there is no database, or what went wrong.
std::string audit_into(const TargetOptions& options, const load::LoadPlan& plan,
                       const std::filesystem::path& trial) {
  if (options.audit_database.empty()) return "";
  try {
    Sql sql(options.audit_database);
    // The server's sessions may be later than the question that was asked before the load.
    const std::string blind = why_blind(sql);
    if (!blind.empty()) return blind;
    wait_until_quiet(sql, 15s);
    std::string text;
    properties::append_audit(text, read_audit(sql, plan));
    write_file(trial / "audit.jsonl", text);
    return "";
  } catch (const SqlError& error) {
    return fmt::format("the audit failed: {}", error.what());
  } catch (const EnvironmentBroke& error) {
    return error.what();
  }
}

// The URL of a database may hold a password: it stays in its variable.
std::string replay_of(const TargetOptions& options, const RunOptions& run, Duration time,
                      std::int64_t threads) {
  using reports::shell_word;
  const TargetOptions usual;
  std::string flags;
  if (threads != 1) flags += fmt::format(" -t {}", threads);
  if (!options.ca.empty()) flags += " --ca " + shell_word(options.ca);
  if (!options.adapter.empty()) flags += " --adapter " + shell_word(options.adapter);
  if (options.rate != usual.rate) flags += fmt::format(" -R {}", options.rate);
  if (options.hold != usual.hold) flags += " --hold " + duration_text(options.hold);
  if (!options.audit_database.empty()) flags += " --audit-database \"$BOXOFFICE_AUDIT_DATABASE\"";
  return fmt::format(
      "boxoffice verify --target {} --tokens {} --events {} --seed {} --time {} -c {}{}",
      shell_word(options.target), shell_word(options.tokens),
      shell_word(fmt::format("{}", fmt::join(options.events, ","))), run.seed, duration_text(time),
      options.connections, flags);
}

void write_trial(const std::filesystem::path& trial, json::object facts, const load::LoadPlan& plan,
                 const load::LoadResult& load, const properties::Verdict& verdict,
                 const std::string& broke) {
  for (auto& field : load::trial_fields(plan, load))
    facts.insert_or_assign(field.key(), field.value());
  facts["verdict"] = properties::name_of(verdict.outcome);
  facts["violations"] = json::value_from(verdict.violations);
  if (!broke.empty()) {
    facts["figure_valid"] = false;
    facts["figure_why"] = broke;
  }
  write_file(trial / "latency.hdr", load::latency_hdr(load));
  write_file(trial / "timeseries.csv", load::timeseries_csv(load));
  write_file(trial / "trial.json", json::serialize(facts) + "\n");
}

void print_verdict(const properties::Verdict& verdict, const reports::Rendered& rendered,
                   const TargetOptions& options, std::uint64_t operations) {
  fmt::print("{}: {}, {} operations\n", reports::headline_word(rendered.summary), options.target,
             operations);
  for (const std::string& reason : rendered.summary.reasons) fmt::print("{}", paragraph(reason));
  if (options.audit_database.empty())
    fmt::print("  the clients' view only (--audit-database for more)\n");
  std::vector<std::string> gaps = verdict.not_attempted;
  if (options.audit_database.empty())
    std::erase_if(gaps, [](const std::string& gap) { return gap.starts_with("D2"); });
  fmt::print("{}", not_attempted_text(gaps));
  fmt::print("report: {}\n", rendered.report_html.string());
}

}  // namespace

void add_target_options(CLI::App& app, TargetOptions& options) {
  const auto text = [&](const char* flag, std::string& value, const char* env, const char* help) {
    app.add_option(flag, value, help)->envname(env)->type_name("");
  };
  text("--target", options.target, "BOXOFFICE_TARGET",
       "a server that is there, instead of one of ours: http(s)://host:port");
  text("--ca", options.ca, "BOXOFFICE_CA", "of https: file of authorities, for a private one");
  text("--adapter", options.adapter, "BOXOFFICE_ADAPTER",
       "TOML file that maps its API, where it is not ours (docs/adapters.md)");
  text("--tokens", options.tokens, "BOXOFFICE_TOKENS", "its users: file of user id, tab, token");
  text("--audit-database", options.audit_database, "BOXOFFICE_AUDIT_DATABASE",
       "its database, only read; without it the verdict is the clients' view");
  add_list(app, "--events", options.events, "ids of its events to buy from");
  add_duration(app, "--hold", options.hold, "how long it holds a reservation");
  add_count(app, "-c,--connections", options.connections, 1, "to it, each a client");
  add_count(app, "-R,--rate", options.rate, 0, "requests a second to it at most; 0: no bound");
}

int verify_target(const TargetOptions& options, const RunOptions& run, Duration time,
                  std::int64_t threads, const Context& context,
                  const std::vector<std::pair<std::string, std::string>>& configuration) {
  load::LoadPlan plan = target_plan(options, run, time, threads);
  RunDirectory directory(run.output, "verify");
  const auto trial = directory.make_trial(1, "target");
  plan.history_path = trial / "history.jsonl";
  std::string engine;
  try {
    engine = write_header(options, directory.id(), plan);
  } catch (const UsageError&) {
    directory.remove_unmeasured();  // nothing was run, so nothing is left
    throw;
  }
  auto manifest = make_manifest(directory.id(), "verify", run.seed, context, configuration);
  manifest["database"] = database_facts(engine);
  directory.write_manifest(manifest);
  keep_adapter(options.adapter, directory.path());
  Live live(run.quiet);
  live.begin(options.target, seconds(time));
  WallClock wall_clock;
  const load::LoadResult load = run_or_take_back(plan, directory, live, wall_clock, context);
  live.end("judging");
  note_capacities(plan);
  write_text_ids(plan, trial);
  std::string broke;
  if (!load.recorder.ok) broke = "the history could not be written: " + load.recorder.error;
  const std::string no_audit = audit_into(options, plan, trial);
  if (broke.empty()) broke = no_audit;
  if (!broke.empty()) keep_breakage(trial, {broke, 0});
  if (const std::string why = note_unknown_ends(trial, wall_clock); broke.empty()) broke = why;
  const properties::Verdict verdict = judge_trial(trial);
  write_file(trial / "verdict.json", properties::verdict_line(verdict));
  write_trial(trial, identity(engine, run, options.hold), plan, load, verdict, broke);
  manifest["finished_at"] = utc_now();
  manifest["interrupted"] = load.interrupted;
  manifest["rounds"] = 1;
  manifest["replay"] = replay_of(options, run, time, threads);
  directory.write_manifest(manifest);
  const reports::Rendered rendered = reports::render_run(directory.path());
  append_step_summary_file(rendered.summary_md);
  if (verdict.outcome != properties::Outcome::pass)
    fmt::print("{}", explain_trial(trial, replay_of(options, run, time, threads)));
  print_verdict(verdict, rendered, options, load.run_outcomes.total());
  return rendered.summary.exit_code;
}

}  // namespace boxoffice::harness
