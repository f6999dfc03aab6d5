// boxoffice floor-server: the server's own speeds that this project must not fall below, as ratios
// within one interleaved run.
//
//   1. GET of an event from the server's cache (one I/O thread) against nginx (one process) serving
//   a file with the same bytes: both bound to one processor, wrk to another
//   2. reserve with tokens that the server has never seen, each of which it has to look up, against
//   the same users' reserves of another event a moment later, when it knows them
//
// The API cannot leave out authentication, so its whole cost cannot be seen from outside: the
// second figure is the look-up's; what remains with every request is hashing and comparing, whose
// time `authentication_benchmark` compares with a reserve's in one process.
//
// As for `floor`: no test, medians beside what is wanted, exit code 13 where one is missed.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "harness/checked_load.hpp"
#include "harness/commands/commands.hpp"
#include "harness/commands/floor_figures.hpp"
#include "harness/commands/options.hpp"
#include "harness/failure.hpp"
#include "harness/interrupt.hpp"
#include "harness/live.hpp"
#include "harness/programs.hpp"
#include "harness/reference/web.hpp"
#include "harness/server_process.hpp"
#include "harness/trial.hpp"

namespace boxoffice::harness {

namespace {

using namespace std::chrono_literals;

constexpr std::int64_t k_users = 100'000;
constexpr std::size_t k_buyers = 64;
// Half of the time for which the server remembers a token: it knows them all in the second pass.
constexpr double k_pass_s = 1.2;

struct FloorServerOptions {
  RunOptions run;
  DatabaseChoice database;
  std::int64_t rounds = 5;
  Duration duration = 3s;
};

class FloorServer {
 public:
  FloorServer(const FloorServerOptions& options, const Context& context)
      : options_(options),
        context_(context),
        live_(options.run.quiet),
        scratch_(temporary_root(), "floor-server"),
        processors_(two_processors()),
        database_(options.database) {
    if (const auto note = database_.note()) live_.say(*note);
    migrate_database(database_.url(), scratch_.path());
    users_ = seed_users(database_.url(), k_users, scratch_.path());
    Scenario scenario = load_scenario("hot-event");
    scenario.events = 3;
    events_ = database_.reset(scenario);
  }

  int run() {
    for (std::int64_t round = 1; round <= options_.rounds; ++round) {
      measure_event(round);
      measure_authentication(round);
    }
    live_.end("");
    fmt::print("medians of {} interleaved rounds, a second; {}, storage {}, {}\n", options_.rounds,
               database_.version(), database_.storage(),
               processors_ ? "server and client bound to a processor each"
                           : "one processor for server and client");
    figures_.print_medians();
    const bool event = floor_line("event from the cache / nginx with a file of its bytes",
                                  figures_.ratio("event", "nginx"), 0.6);
    const bool tokens =
        floor_line("reserve with unknown tokens / with known ones",
                   figures_.ratio("reserve, unknown tokens", "reserve, known tokens"), 0.9);
    return event && tokens ? k_exit_pass : k_exit_threshold;
  }

 private:
  void step(std::int64_t round, const std::string& what) {
    throw_if_interrupted(context_.stop);
    live_.begin(fmt::format("[{}/{}] {}", round, options_.rounds, what), -1);
  }

  ServerOptions server_options() const {
    return {.database_url = database_.url(),
            .strategy = "pessimistic",
            .event_concurrency = k_admission,
            .hold = 5min,
            .sweep_interval = 1min,
            .event_cache = 1s};
  }

  double wrk(const std::string& url) {
    return run_wrk(url, options_.duration, scratch_.path(),
                   processors_ ? std::optional(processors_->second) : std::nullopt);
  }
  void bind_server(pid_t process) {
    if (processors_) bind_to(process, processors_->first, scratch_.path());
  }

  void measure_event(std::int64_t round) {
    ServerProcess server(server_options(), scratch_.path());
    bind_server(server.process().pid());
    const std::string url = fmt::format("{}/api/events/{}", server.target(), events_[0]);
    const auto reply = http_get(url);
    if (!reply || reply->status != 200) throw EnvironmentBroke("no event at " + url);
    step(round, "nginx, a file");
    {
      const Nginx nginx(reply->body, scratch_.path());
      bind_server(nginx.pid());
      figures_.add("nginx", wrk(nginx.url()));
    }
    step(round, "an event from the cache");
    figures_.add("event", wrk(url));
    expect_cached(server.target());
  }

  /// Or the figure is not what it is called.
  void expect_cached(const std::string& target) {
    const auto metrics = http_get(target + "/metrics");
    const auto count = [&](const std::string& result) {
      const std::string name = "boxoffice_event_cache_requests_total{result=\"" + result +
                               "\",strategy=\"pessimistic\"} ";
      const auto at = metrics ? metrics->body.find(name) : std::string::npos;
      if (at == std::string::npos) throw EnvironmentBroke("no figures of the event cache");
      return std::stod(metrics->body.substr(at + name.size()));
    };
    if (count("hit") < 10 * (count("miss") + count("wait")))
      throw EnvironmentBroke(fmt::format("only {:.0f} hits beside {:.0f} misses: it is no cache's",
                                         count("hit"), count("miss") + count("wait")));
  }

  void measure_authentication(std::int64_t round) {
    ServerProcess server(server_options(), scratch_.path());
    step(round, "reserve, to see how fast it goes");
    const double rate = reserve(server.target(), next_users(2000), 2);
    const auto users =
        next_users(std::max<std::size_t>(k_buyers * 10, static_cast<std::size_t>(rate * k_pass_s)));
    step(round, "reserve, unknown tokens");
    figures_.add("reserve, unknown tokens", reserve(server.target(), users, 0));
    step(round, "reserve, known tokens");
    figures_.add("reserve, known tokens", reserve(server.target(), users, 1));
  }

  /// Users that no round had before.
  std::vector<load::User> next_users(std::size_t count) {
    if (used_ + count > users_.size()) throw UsageError("--rounds: there are not so many users");
    const auto first = users_.begin() + static_cast<std::ptrdiff_t>(used_);
    used_ += count;
    return {first, first + static_cast<std::ptrdiff_t>(count)};
  }

  /// One reserve of each user, about; a second.
  double reserve(const std::string& target, const std::vector<load::User>& users,
                 std::size_t event) {
    load::LoadPlan plan;
    plan.target = target;
    plan.users = users;
    plan.events = {events_[event]};
    plan.connections = k_buyers;
    plan.duration = 30s;
    plan.max_operations = users.size();
    plan.seed = options_.run.seed;
    plan.request_id_salt = ++salt_;
    const load::LoadResult result = run_checked_load(
        plan, [this](const load::Progress& progress) { live_.show(progress); }, context_.stop);
    throw_if_interrupted(context_.stop);
    const auto served =
        result.run_outcomes[load::Outcome::success] + result.run_outcomes[load::Outcome::existing];
    if (served != result.run_outcomes.total())
      throw EnvironmentBroke(
          fmt::format("only {} of {} reserves were served", served, result.run_outcomes.total()));
    return static_cast<double>(served) / result.run_s;
  }

  const FloorServerOptions& options_;
  const Context& context_;
  Live live_;
  TemporaryDirectory scratch_;
  std::optional<std::pair<int, int>> processors_;  // of the server, of the client
  TestDatabase database_;
  std::vector<load::User> users_;
  std::vector<std::int64_t> events_;
  std::size_t used_ = 0;
  std::uint64_t salt_ = 0;
  FloorFigures figures_;
};

}  // namespace

void add_floor_server(CLI::App& app, Work& work) {
  auto options = std::make_shared<FloorServerOptions>();
  CLI::App* command =
      app.add_subcommand("floor-server", "the server against nginx, and what authentication costs");
  add_measurement_options(*command, options->run);
  add_database_options(*command, options->database);
  add_count(*command, "--rounds", options->rounds, 1, "interleaved rounds; the medians count");
  add_duration(*command, "-d,--duration", options->duration, "of each measurement with wrk");
  command->callback([&work, options] {
    work = [options](const Context& context) {
      settle_seed(options->run);
      return FloorServer(*options, context).run();
    };
  });
}

}  // namespace boxoffice::harness
