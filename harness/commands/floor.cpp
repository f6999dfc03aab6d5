// boxoffice floor: the speeds that this project must not fall below, as ratios within one
// interleaved run.
//
//   1. reserve over HTTP on one hot event (pessimistic with admission) against the reference line,
//   the same statements through pgbench or sysbench
//   2. the load generator against wrk on GET /livez, recording on; against itself without; and how
//   late it sends at half of that rate
//   3. many open connections to the server, each sending, and no error that is not a stated refusal
//
// Nothing here is a test: machines are noisy, so the medians are printed beside what is wanted, and
// the exit code is 13 where one is missed.
#include <fmt/format.h>
#include <optional>
#include <utility>

#include <CLI/CLI.hpp>

#include "harness/checked_load.hpp"
#include "harness/commands/commands.hpp"
#include "harness/commands/floor_figures.hpp"
#include "harness/commands/floor_generator.hpp"
#include "harness/commands/floor_times.hpp"
#include "harness/commands/options.hpp"
#include "harness/failure.hpp"
#include "harness/interrupt.hpp"
#include "harness/live.hpp"
#include "harness/programs.hpp"
#include "harness/reference.hpp"
#include "harness/reference/web.hpp"
#include "harness/run_directory.hpp"
#include "harness/server_process.hpp"
#include "harness/trial.hpp"
#include "properties/names.hpp"

namespace boxoffice::harness {

namespace {

struct FloorOptions {
  RunOptions run;
  DatabaseChoice database;
  std::int64_t rounds = 5;
  std::int64_t connections = 10'000;
  Duration duration = std::chrono::seconds(3);
};

// How HTTP must compare with the reference line. On PostgreSQL 64 clients of the database get in
// each other's way, which admission spares; InnoDB's queue at a row does not mind them.
struct Wanted {
  double of_best;               ///< of the line at its best number of clients
  std::optional<double> of_64;  ///< of the line at 64 clients
};

Wanted wanted_of(SqlDialect dialect) {
  if (dialect == SqlDialect::postgresql) return {1.0, 2.2};
  return {0.8, std::nullopt};
}

/// A sale that was wrong: exit 10, for no figure counts beside that.
class Violated : public std::runtime_error {
 public:
  explicit Violated(const properties::Verdict& verdict)
      : std::runtime_error(fmt::format(
            "a trial's verdict is violation: {}",
            verdict.violations.empty() ? "undescribed" : verdict.violations.front().message)) {}
};

class Floor {
 public:
  Floor(const FloorOptions& options, const Context& context)
      : options_(options),
        context_(context),
        live_(options.run.quiet),
        scratch_(temporary_root(), "floor"),
        database_(options.database),
        tool_(reference_tool(database_.dialect())) {
    if (const auto note = database_.note()) live_.say(*note);
    migrate_database(database_.url(), scratch_.path());
    users_ = seed_users(database_.url(), 200'000, scratch_.path());
  }

  int run() {
    try {
      return measure();
    } catch (const Violated& violated) {
      live_.complain(fmt::format("boxoffice: {}", violated.what()));
      return k_exit_violation;
    }
  }

 private:
  int measure() {
    for (std::int64_t round = 1; round <= options_.rounds; ++round) {
      measure_reserve(round);
      measure_generator(round);
    }
    const bool reserve = report_reserve(), generator = report_generator(),
               many = many_connections();
    return reserve && generator && many ? k_exit_pass : k_exit_threshold;
  }

  void step(std::int64_t round, const std::string& what) {
    throw_if_interrupted(context_.stop);
    live_.begin(fmt::format("[{}/{}] {}", round, options_.rounds, what), -1);
  }

  void measure_reserve(std::int64_t round) {
    for (const std::int64_t clients : reference_clients(database_.dialect())) {
      step(round, fmt::format("{}, {} clients", tool_, clients));
      const auto rate = run_reference(database_, clients, options_.duration, scratch_.path());
      if (!rate) throw UsageError(tool_ + " is not installed ('cmake/setup' installs it)");
      figures_.add(reference(clients), *rate);
      if (clients == 2 || clients == 8) measure_http(round, clients == 2 ? 64 : 256);
    }
  }

  std::string reference(std::int64_t clients) const { return fmt::format("{} {}", tool_, clients); }

  void measure_http(std::int64_t round, std::int64_t connections) {
    step(round, fmt::format("HTTP reserve, {} connections", connections));
    TrialSpec spec;
    spec.variant = variant_named("pessimistic+admission");
    spec.scenario = load_scenario("hot-event");
    spec.scenario.users = 200'000;
    spec.scenario.duration = options_.duration;
    spec.connections = connections;
    spec.pool = 16;
    spec.seed = options_.run.seed + static_cast<std::uint64_t>(round);
    const auto directory = scratch_.path() / fmt::format("trial-{}-{}", round, connections);
    std::filesystem::create_directories(directory);
    const TrialOutcome outcome = run_trial(
        spec, database_, users_, directory,
        [this](const load::Progress& progress) { live_.show(progress); }, context_.stop);
    if (outcome.verdict.outcome == properties::Outcome::violation) throw Violated(outcome.verdict);
    if (outcome.verdict.outcome != properties::Outcome::pass) {
      throw EnvironmentBroke(fmt::format("a trial's verdict is {}: its rate is no figure",
                                         properties::name_of(outcome.verdict.outcome)));
    }
    if (!outcome.load.figure_valid) throw EnvironmentBroke("no figure: " + outcome.load.figure_why);
    const std::string name = fmt::format("HTTP {}", connections);
    figures_.add(name, outcome.load.goodput_per_s);
    times_.add(name, directory / "trial.json");
    std::filesystem::remove_all(directory);
  }

  ServerOptions plain_server() const {
    return {.database_url = database_.url(),
            .strategy = "pessimistic",
            .broken = false,
            .event_concurrency = k_admission,
            .pool = 8,
            .connections_max = options_.connections + 1000,
            .hold = std::chrono::minutes(5),
            .sweep_interval = std::chrono::minutes(1),
            .log_level = "warn",
            .patience = many_patience()};
  }

  /// With many connections the last is served when all before it were.
  std::chrono::milliseconds many_patience() const {
    return milliseconds(options_.duration) + std::chrono::seconds(60);
  }

  void measure_generator(std::int64_t round) {
    const ServerProcess server(plain_server(), scratch_.path());
    const GeneratorFigures measured = harness::measure_generator(
        server.target(), options_.duration, scratch_.path(), round % 2 == 1,
        [&](const std::string& what) { step(round, what); },
        [this](const load::Progress& progress) { live_.show(progress); }, context_.stop);
    figures_.add("wrk", measured.wrk);
    figures_.add("generator", measured.generator);
    figures_.add("recording", measured.recording);
    figures_.add("not recording", measured.silent);
    lag_p99_ms_.push_back(measured.lag_p99_ms);
  }

  bool line(const std::string& what, double reached, double wanted) {
    live_.end("");
    return floor_line(what, reached, wanted);
  }

  bool report_reserve() {
    live_.end("");
    fmt::print("medians of {} interleaved rounds, a second; {}, durability {}, storage {}, K={}\n",
               options_.rounds, database_.version(), database_.durability(), database_.storage(),
               k_admission);
    figures_.print_medians();
    std::string best = reference(1);
    for (const std::int64_t clients : reference_clients(database_.dialect())) {
      if (figures_.median_of(reference(clients)) > figures_.median_of(best))
        best = reference(clients);
    }
    const Wanted wanted = wanted_of(database_.dialect());
    bool held = true;
    for (const char* http : {"HTTP 64", "HTTP 256"}) {
      held = line(fmt::format("{} connections / {} clients (its best)", http, best),
                  figures_.ratio(http, best), wanted.of_best) &&
             held;
      if (!wanted.of_64) continue;
      held = line(fmt::format("{} connections / {} clients", http, reference(64)),
                  figures_.ratio(http, reference(64)), *wanted.of_64) &&
             held;
    }
    if (!held) {
      for (const char* http : {"HTTP 64", "HTTP 256"}) times_.print(http, k_admission);
    }
    return held;
  }

  bool report_generator() {
    const bool fast = line("generator / wrk on GET /livez, 64 connections, recording",
                           figures_.ratio("generator", "wrk"), 0.7);
    const bool cheap = line("generator recording / the same without a history",
                            figures_.ratio("recording", "not recording"), 0.9);
    const bool punctual = floor_line_at_most("generator's lag at half of that rate, p99, ms",
                                             reports::median(lag_p99_ms_), 2.0);
    return fast && cheap && punctual;
  }

  bool many_connections() {
    step(options_.rounds, fmt::format("{} connections", options_.connections));
    Scenario scenario = load_scenario("hot-event");
    const auto events = database_.reset(scenario);
    ServerProcess server(plain_server(), scratch_.path());
    load::LoadPlan plan;
    plan.target = server.target();
    plan.users = users_;
    plan.events = events;
    plan.connections = static_cast<std::size_t>(options_.connections);
    plan.duration = options_.duration + std::chrono::seconds(5);
    plan.timeout = plan.drain_timeout = many_patience();
    const load::LoadResult result = run_checked_load(
        plan, [this](const load::Progress& progress) { live_.show(progress); }, context_.stop);
    const int code = server.stop();
    if (result.interrupted) throw Interrupted();
    using load::Outcome;
    const auto bad =
        result.run_outcomes[Outcome::error] + result.run_outcomes[Outcome::indeterminate];
    const double memory_mb = static_cast<double>(result.memory_peak_bytes) / 1e6;
    const bool all_sent = std::cmp_greater_equal(result.run_outcomes.total(), options_.connections);
    const bool held = bad == 0 && code == 0 && memory_mb < 600 && all_sent;
    live_.end("");
    fmt::print(
        "{} connections, {} requests: {} sold, {} refused as overloaded, {} errors; "
        "generator {:.0f} MB (at most 600); server exit {}: {}\n",
        options_.connections, result.run_outcomes.total(), result.run_outcomes[Outcome::success],
        result.run_outcomes[Outcome::overload], bad, memory_mb, code, held ? "held" : "MISSED");
    for (const auto& [what, count] : result.transport_errors)
      fmt::print("  transport: {} {}\n", what, count);
    return held;
  }

  const FloorOptions& options_;
  const Context& context_;
  Live live_;
  TemporaryDirectory scratch_;
  TestDatabase database_;
  std::string tool_;  // of the reference line
  std::vector<load::User> users_;
  FloorFigures figures_;
  FloorTimes times_;
  std::vector<double> lag_p99_ms_;
};

}  // namespace

void add_floor(CLI::App& app, Work& work) {
  auto options = std::make_shared<FloorOptions>();
  CLI::App* command =
      app.add_subcommand("floor", "the speeds that this project must not fall below");
  add_measurement_options(*command, options->run);
  add_database_options(*command, options->database);
  add_count(*command, "--rounds", options->rounds, 1, "interleaved rounds; the medians count");
  add_count(*command, "-c,--connections", options->connections, 1,
            "of the part with many connections");
  add_duration(*command, "-d,--duration", options->duration, "of each measurement");
  command->callback([&work, options] {
    work = [options](const Context& context) {
      settle_seed(options->run);
      return Floor(*options, context).run();
    };
  });
}

}  // namespace boxoffice::harness
