// boxoffice overload: what becomes of a server that is asked for ten times what it can do?
//
// A proxy in front of the database makes each round trip slow, so that the server's capacity is a
// few hundred reserves a second whatever machine this is, and the generator can offer ten times
// that. The capacity is measured in a closed loop; then requests arrive on a schedule that does not
// wait, at 1, 2, 5 and 10 times the capacity, in interleaved rounds. Goodput must stay, what is
// refused must be told at once, and the server's memory must not grow. Each measurement is a
// history, and judged: what was sold too often is no goodput.
//
// What decides how soon a refusal comes is as shipped: the line's length, the time that it may take
// and the deadline. The first second of each measurement is a rush, which the server takes in; what
// follows is overload. There are more connections than such a rush, or what is offered could not be
// sent.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fstream>

#include "harness/checked_load.hpp"
#include "harness/commands/commands.hpp"
#include "harness/commands/options.hpp"
#include "harness/database/sql.hpp"
#include "harness/failure.hpp"
#include "harness/faults/proxy.hpp"
#include "harness/interrupt.hpp"
#include "harness/live.hpp"
#include "harness/overload_figures.hpp"
#include "harness/programs.hpp"
#include "harness/run_directory.hpp"
#include "harness/server_process.hpp"
#include "harness/target.hpp"
#include "harness/trial.hpp"
#include "harness/wall_clock.hpp"
#include "properties/names.hpp"

namespace boxoffice::harness {

namespace {

using load::Outcome;
using namespace std::chrono_literals;

constexpr auto k_delay = 4ms;  // each way
constexpr auto k_hold = 5min;
constexpr std::int64_t k_pool = 8;
constexpr std::size_t k_connections = 4000;

struct OverloadOptions {
  RunOptions run;
  DatabaseChoice database;
  std::int64_t rounds = 3;
  Duration duration = std::chrono::seconds(8);
};

double resident_mb(int pid) {
  std::ifstream file(fmt::format("/proc/{}/statm", pid));
  std::int64_t all = 0, resident = 0;
  file >> all >> resident;
  return static_cast<double>(resident) * 4096 / 1e6;
}

const DatabaseChoice& private_only(const DatabaseChoice& choice) {
  if (dialect_of(choice.database))
    throw UsageError("--database: overload slows a private database, not one that is there");
  return choice;
}

class Overload {
 public:
  Overload(const OverloadOptions& options, const Context& context)
      : options_(options),
        context_(context),
        live_(options.run.quiet),
        scratch_(temporary_root(), "overload"),
        database_(private_only(options.database)),
        scenario_(load_scenario("many-events")) {
    migrate_database(database_.url(), scratch_.path());
    users_ = seed_users(database_.url(), 200'000, scratch_.path());
    proxy_.emplace(database_.private_server()->port());
    proxy_->delay(k_delay);
  }

  int run() {
    try {
      measure_all();
    } catch (const EnvironmentBroke& error) {
      if (!tell_violation(error)) throw;
      return k_exit_violation;
    } catch (const SqlError& error) {
      if (!tell_violation(error)) throw;
      return k_exit_violation;
    }
    return exit_code(report());
  }

 private:
  /// One that was seen counts, whatever became of the figures. False where none was.
  bool tell_violation(const std::exception& error) {
    if (verdict_ != properties::Outcome::violation) return false;
    live_.complain(fmt::format("boxoffice: {}", error.what()));
    fmt::print("no figures; verdict from the clients' view: violation: {}\n", verdict_why_);
    return true;
  }

  void measure_all() {
    for (std::int64_t round = 1; round <= options_.rounds; ++round) {
      figures_.add_capacity(measure(round, 0).goodput_per_s);
      for (const std::int64_t factor : k_overload_factors)
        figures_.add(factor, measure(round, factor));
    }
  }

  ServerOptions server_options() const {
    return {.database_url = database_.url_through(proxy_->port()),
            .strategy = "pessimistic",
            .event_concurrency = k_admission,
            .pool = k_pool,
            .connections_max = static_cast<std::int64_t>(k_connections) + 100,
            .hold = k_hold,
            .sweep_interval = std::chrono::minutes(1),
            .refuses_as_shipped = true};
  }

  // `factor` 0: as much as it can do, asked by as many as keep it busy.
  OverloadStep measure(std::int64_t round, std::int64_t factor) {
    throw_if_interrupted(context_.stop);
    live_.begin(fmt::format("[{}/{}] {}", round, options_.rounds,
                            factor == 0 ? "its capacity" : fmt::format("{} x that", factor)),
                -1);
    const auto events = database_.reset(scenario_);
    ServerProcess server(server_options(), scratch_.path());
    load::LoadPlan plan;
    plan.target = server.target();
    plan.users = users_;
    plan.events = events;
    plan.duration = options_.duration;
    plan.warmup = 1s;
    plan.connections = factor == 0 ? 64 : k_connections;
    if (factor > 0) plan.rate_per_s = static_cast<double>(factor) * figures_.last_capacity_per_s();
    plan.lag_bound = 50ms;
    plan.seed = options_.run.seed + static_cast<std::uint64_t>(round * 100 + factor);
    plan.history_path = scratch_.path() / "history.jsonl";
    write_client_header(plan, k_hold, "overload");
    WallClock wall_clock;
    const load::LoadResult result = run_checked_load(
        plan,
        [&](const load::Progress& progress) {
          wall_clock.sample();
          live_.show(progress);
        },
        context_.stop);
    if (result.interrupted) throw Interrupted();
    note_capacities(plan);
    const properties::Breakage clock = wall_clock.set_meanwhile(clock_slack_us(k_hold));
    if (!clock.why.empty()) keep_breakage(scratch_.path(), clock);
    judge();
    if (!clock.why.empty()) throw EnvironmentBroke(clock.why);
    if (!result.figure_valid) throw EnvironmentBroke("no figure: " + result.figure_why);
    const OverloadStep step = step_of(result, resident_mb(server.process().pid()));
    if (const ExitCode code = server.stop(); code != 0)
      throw EnvironmentBroke(fmt::format("the server did not drain (exit {})", code));
    live_.end(fmt::format("{:.0f}/s sold of {:.0f}/s", step.goodput_per_s, step.due_per_s));
    return step;
  }

  // The worst verdict of all measurements is the run's, whatever its figures are.
  void judge() {
    const properties::Verdict verdict = judge_trial(scratch_.path());
    if (verdict.outcome <= verdict_) return;
    verdict_ = verdict.outcome;
    verdict_why_ = !verdict.violations.empty()         ? verdict.violations.front().message
                   : !verdict.missing_evidence.empty() ? verdict.missing_evidence.front()
                                                       : std::string("undecided");
  }

  int exit_code(bool held) const {
    switch (verdict_) {
      case properties::Outcome::violation:
        return k_exit_violation;
      case properties::Outcome::unknown:
        return k_exit_unknown;
      case properties::Outcome::invalid:
        return k_exit_invalid;
      case properties::Outcome::pass:
        break;
    }
    return held ? k_exit_pass : k_exit_threshold;
  }

  static OverloadStep step_of(const load::LoadResult& result, double memory_mb) {
    const auto total = static_cast<double>(std::max<std::uint64_t>(1, result.outcomes.total()));
    const auto& refused = result.latency[load::index_of(Outcome::overload)];
    return {.due_per_s = static_cast<double>(result.started + result.unsent) / result.measured_s,
            .sent_per_s = static_cast<double>(result.started) / result.measured_s,
            .goodput_per_s = result.goodput_per_s,
            .refused_share = static_cast<double>(result.outcomes[Outcome::overload]) / total,
            .refusal_ms_p99 = refusal_p99_ms(refused.service),
            .memory_mb = memory_mb,
            .errors =
                result.run_outcomes[Outcome::error] + result.run_outcomes[Outcome::indeterminate]};
  }

  bool report() const {
    fmt::print(
        "medians of {} interleaved rounds; {}, {} ms each way, pool {}; capacity {:.0f}/s\n"
        "{}verdict over all measurements, from the clients' view: {}{}\n",
        options_.rounds, database_.version(), k_delay.count(), k_pool, figures_.capacity_per_s(),
        figures_.table(), properties::name_of(verdict_),
        verdict_why_.empty() ? "" : ": " + verdict_why_);
    bool held = true;
    for (const OverloadBound& bound : figures_.bounds()) {
      fmt::print("{}\n", line_of(bound));
      held = held && bound.held;
    }
    return held;
  }

  const OverloadOptions& options_;
  const Context& context_;
  Live live_;
  TemporaryDirectory scratch_;
  TestDatabase database_;
  Scenario scenario_;
  std::optional<Proxy> proxy_;
  std::vector<load::User> users_;
  properties::Outcome verdict_ = properties::Outcome::pass;
  std::string verdict_why_;
  OverloadFigures figures_;
};

}  // namespace

void add_overload(CLI::App& app, Work& work) {
  auto options = std::make_shared<OverloadOptions>();
  CLI::App* command =
      app.add_subcommand("overload", "goodput, refusals and memory at ten times the capacity");
  add_measurement_options(*command, options->run);
  add_database_options(*command, options->database);
  add_count(*command, "--rounds", options->rounds, 1, "interleaved rounds; the medians count");
  add_duration(*command, "-d,--duration", options->duration, "of each measurement");
  command->callback([&work, options] {
    work = [options](const Context& context) {
      settle_seed(options->run);
      return Overload(*options, context).run();
    };
  });
}

}  // namespace boxoffice::harness
