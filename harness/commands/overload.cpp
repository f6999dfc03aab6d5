// boxoffice overload: what becomes of a server that is asked for ten times what it can do?
//
// A proxy in front of the database makes each round trip slow, so that the server's capacity is a
// few hundred reserves a second whatever machine this is, and the generator can offer ten times
// that. The capacity is measured in a closed loop; then requests arrive on a schedule that does not
// wait, at 1, 2, 5 and 10 times the capacity, in interleaved rounds. Goodput must stay, what is
// refused must be told at once, and the server's memory must not grow. Each measurement is a
// history, and judged: what was sold too often is no goodput.
//
// The server's queue is what decides how soon a refusal comes: it is sized to about half a second
// of work here, as docs/operations.md tells people to do.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <limits>
#include <map>

#include "harness/commands/commands.hpp"
#include "harness/commands/options.hpp"
#include "harness/failure.hpp"
#include "harness/faults/proxy.hpp"
#include "harness/interrupt.hpp"
#include "harness/live.hpp"
#include "harness/programs.hpp"
#include "harness/run_directory.hpp"
#include "harness/server_process.hpp"
#include "harness/target.hpp"
#include "harness/trial.hpp"
#include "properties/names.hpp"

namespace boxoffice::harness {

namespace {

using load::Outcome;
using namespace std::chrono_literals;

constexpr std::array<std::int64_t, 4> k_factors = {1, 2, 5, 10};
constexpr auto k_delay = 4ms;  // each way
constexpr auto k_hold = 5min;
constexpr std::int64_t k_pool = 8;
constexpr std::int64_t k_queue = 250;
constexpr std::size_t k_connections = 2000;
constexpr double k_goodput_kept = 0.9;
constexpr double k_refusal_ms_max = 50;
constexpr double k_memory_growth_max = 1.1;
constexpr double k_sent_share_min = 0.95;
constexpr double k_unknown_ms = std::numeric_limits<double>::infinity();

struct OverloadOptions {
  RunOptions run;
  DatabaseChoice database;
  std::int64_t rounds = 3;
  Duration duration = std::chrono::seconds(4);
};

struct Step {
  double due_per_s = 0;
  double sent_per_s = 0;
  double goodput_per_s = 0;
  double refused_share = 0;
  double refusal_ms_p99 = k_unknown_ms;
  double memory_mb = 0;  ///< of the server, at the end
  std::uint64_t errors = 0;
};

double median_of(std::vector<double> values) {
  std::ranges::sort(values);
  return values.at(values.size() / 2);
}

/// Of fewer than a hundred nothing is known: that is no short time.
double p99_ms(const load::Histogram& histogram) {
  const auto ns = histogram.percentile_ns(99);
  return ns ? static_cast<double>(*ns) / 1e6 : k_unknown_ms;
}

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
    for (std::int64_t round = 1; round <= options_.rounds; ++round) {
      capacity_.push_back(measure(round, 0).goodput_per_s);
      for (const std::int64_t factor : k_factors) steps_[factor].push_back(measure(round, factor));
    }
    return exit_code(report());
  }

 private:
  ServerOptions server_options() const {
    return {.database_url = database_.url_through(proxy_->port()),
            .strategy = "pessimistic",
            .event_concurrency = k_admission,
            .pool = k_pool,
            .connections_max = static_cast<std::int64_t>(k_connections) + 100,
            .hold = k_hold,
            .sweep_interval = std::chrono::minutes(1),
            .queue = k_queue};
  }

  // `factor` 0: as much as it can do, asked by as many as keep it busy.
  Step measure(std::int64_t round, std::int64_t factor) {
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
    if (factor > 0) plan.rate_per_s = static_cast<double>(factor) * capacity_.back();
    plan.lag_bound = 50ms;
    plan.seed = options_.run.seed + static_cast<std::uint64_t>(round * 100 + factor);
    plan.history_path = scratch_.path() / "history.jsonl";
    write_client_header(plan, k_hold, "overload");
    const load::LoadResult result = load::run_load(
        plan, [this](const load::Progress& progress) { live_.show(progress); }, context_.stop);
    if (result.interrupted) throw Interrupted();
    if (!result.figure_valid) throw EnvironmentBroke("no figure: " + result.figure_why);
    judge();
    const Step step = step_of(result, resident_mb(server.process().pid()));
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

  static Step step_of(const load::LoadResult& result, double memory_mb) {
    const auto total = static_cast<double>(std::max<std::uint64_t>(1, result.outcomes.total()));
    const auto& refused = result.latency[load::index_of(Outcome::overload)];
    return {.due_per_s = static_cast<double>(result.started + result.unsent) / result.measured_s,
            .sent_per_s = static_cast<double>(result.started) / result.measured_s,
            .goodput_per_s = result.goodput_per_s,
            .refused_share = static_cast<double>(result.outcomes[Outcome::overload]) / total,
            .refusal_ms_p99 = p99_ms(refused.service),
            .memory_mb = memory_mb,
            .errors =
                result.run_outcomes[Outcome::error] + result.run_outcomes[Outcome::indeterminate]};
  }

  double median(std::int64_t factor, double Step::*figure) const {
    std::vector<double> values;
    for (const Step& step : steps_.at(factor)) values.push_back(step.*figure);
    return median_of(std::move(values));
  }

  static bool line(const std::string& what, double reached, const char* bound, bool held) {
    fmt::print("{:<52}{:>8.2f}  wanted {:<8}{}\n", what, reached, bound, held ? "held" : "MISSED");
    return held;
  }

  // A bar a row: the plot, with its figures beside it.
  void print_steps() const {
    double best = 0;
    for (const std::int64_t factor : k_factors)
      best = std::max(best, median(factor, &Step::goodput_per_s));
    fmt::print("{:>4}{:>8}{:>8}{:>8}  {:<22}{:>9}{:>8}{:>7}\n", "", "due/s", "sent/s", "sold/s", "",
               "refused", "p99 ms", "MB");
    for (const std::int64_t factor : k_factors) {
      const double sold = median(factor, &Step::goodput_per_s);
      const auto length = static_cast<std::size_t>(best > 0 ? 20 * sold / best + 0.5 : 0);
      fmt::print("{:>3}x{:>8.0f}{:>8.0f}{:>8.0f}  {:<22}{:>8.1f}%{:>8.1f}{:>7.1f}\n", factor,
                 median(factor, &Step::due_per_s), median(factor, &Step::sent_per_s), sold,
                 std::string(length, '#'), 100 * median(factor, &Step::refused_share),
                 median(factor, &Step::refusal_ms_p99), median(factor, &Step::memory_mb));
    }
    fmt::print(
        "refused: 503 with Retry-After; p99: of those refusals (inf: too few to say); MB:\n"
        "  resident, the server\nverdict over all measurements, from the clients' view: {}{}\n",
        properties::name_of(verdict_), verdict_why_.empty() ? "" : ": " + verdict_why_);
  }

  bool report() const {
    fmt::print(
        "medians of {} interleaved rounds; {}, {} ms each way, pool {}, queue {}; capacity "
        "{:.0f}/s\n",
        options_.rounds, database_.version(), k_delay.count(), k_pool, k_queue,
        median_of(capacity_));
    print_steps();
    double best = median_of(capacity_);
    std::uint64_t errors = 0;
    for (const auto& [factor, steps] : steps_) {
      best = std::max(best, median(factor, &Step::goodput_per_s));
      for (const Step& step : steps) errors += step.errors;
    }
    const double kept = median(10, &Step::goodput_per_s) / best;
    const double refusal = median(10, &Step::refusal_ms_p99);
    const double growth = median(10, &Step::memory_mb) / median(2, &Step::memory_mb);
    const double sent = median(10, &Step::sent_per_s) / median(10, &Step::due_per_s);
    bool held = line("of 10x, sent", sent, ">= 0.95", sent >= k_sent_share_min);
    held = line("goodput under 10x / the best", kept, ">= 0.90", kept >= k_goodput_kept) && held;
    held = line("p99 of a refusal under 10x, ms", refusal, "<= 50", refusal <= k_refusal_ms_max) &&
           held;
    held = line("memory under 10x / under 2x", growth, "<= 1.10", growth <= k_memory_growth_max) &&
           held;
    return line("errors and unknown outcomes", static_cast<double>(errors), "0", errors == 0) &&
           held;
  }

  const OverloadOptions& options_;
  const Context& context_;
  Live live_;
  TemporaryDirectory scratch_;
  TestDatabase database_;
  Scenario scenario_;
  std::optional<Proxy> proxy_;
  std::vector<load::User> users_;
  std::vector<double> capacity_;
  properties::Outcome verdict_ = properties::Outcome::pass;
  std::string verdict_why_;
  std::map<std::int64_t, std::vector<Step>> steps_;
};

}  // namespace

void add_overload(CLI::App& app, Work& work) {
  auto options = std::make_shared<OverloadOptions>();
  CLI::App* command =
      app.add_subcommand("overload", "goodput, refusals and memory at ten times the capacity");
  add_run_options(*command, options->run);
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
