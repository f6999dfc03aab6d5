// boxoffice floor-idle: what costs although nobody asks for anything.
//
//   1. memory of the server for each connection that is open, was used once and now is idle: the
//   growth of its resident memory over many of them, on a plain and on an encrypted port. What it
//   was used for is a page of events, the largest reply that many clients ask for: a buffer that
//   was made for it and stays counts.
//   2. the time from its start until /readyz says yes, with a pool of the shipped size; and with a
//   large one, whose sessions the database makes one by one
//
// As for `floor`: no test, figures beside what is wanted, exit code 13 where one is missed.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fstream>

#include "harness/checked_load.hpp"
#include "harness/commands/commands.hpp"
#include "harness/commands/options.hpp"
#include "harness/failure.hpp"
#include "harness/interrupt.hpp"
#include "harness/live.hpp"
#include "harness/load/client.hpp"
#include "harness/load/clock.hpp"
#include "harness/programs.hpp"
#include "harness/run_directory.hpp"
#include "harness/server_process.hpp"
#include "reports/sign_test.hpp"

namespace boxoffice::harness {

namespace {

using namespace std::chrono_literals;

constexpr double k_wanted_kb = 20;      // a plain connection
constexpr double k_wanted_start_s = 1;  // with the shipped pool
constexpr int k_shipped_pool = 16, k_large_pool = 50;
constexpr std::string_view k_page = "/api/events";
constexpr int k_events = 20;                   // as many as a page has
constexpr std::size_t k_opened_at_once = 500;  // fewer than the backlog of a port

struct FloorIdleOptions {
  RunOptions run;
  DatabaseChoice database;
  std::int64_t rounds = 5;
  std::int64_t connections = 10'000;
  std::int64_t tls_connections = 2'000;
};

double resident_kb(pid_t process) {
  std::ifstream status(fmt::format("/proc/{}/status", process));
  double kb = 0;
  for (std::string word; status >> word;) {
    if (word == "VmRSS:" && status >> kb) return kb;
  }
  throw EnvironmentBroke("the server's resident memory cannot be read");
}

/// Answers on all of `count` connections of the client, some at a time.
void use_each_once(load::Client& client, std::size_t count) {
  std::string failed;
  const auto done = [&](std::size_t, const load::Exchange& exchange) {
    if (exchange.http != 200) failed = fmt::format("{} {}", exchange.http, exchange.failure.code);
  };
  for (std::size_t next = 0; next < count;) {
    for (const std::size_t end = std::min(count, next + k_opened_at_once); next < end; ++next)
      client.start(next, {load::Method::get, k_page, {}, {}, {}});
    while (client.in_flight() > 0) client.wait(load::k_never_ns, done);
    if (!failed.empty()) throw EnvironmentBroke(fmt::format("GET {}: {}", k_page, failed));
  }
}

class FloorIdle {
 public:
  FloorIdle(const FloorIdleOptions& options, const Context& context)
      : options_(options),
        context_(context),
        live_(options.run.quiet),
        scratch_(temporary_root(), "floor-idle"),
        database_(options.database) {
    if (const auto note = database_.note()) live_.say(*note);
    migrate_database(database_.url(), scratch_.path());
    Sql session = database_.connect();
    for (int i = 0; i < k_events; ++i)
      session.run(
          "INSERT INTO events (name, total_tickets, available_tickets, event_date)"
          " VALUES ('Concert', 1000, 1000, current_timestamp + INTERVAL '30' DAY)");
  }

  int run() {
    const double plain_kb = connection_kb(server_options(), options_.connections);
    const double tls_kb = connection_kb(encrypted(server_options()), options_.tls_connections);
    const double start_s = start_to_ready_s(k_shipped_pool);
    const double large_start_s = start_to_ready_s(k_large_pool);
    live_.end("");
    const bool memory =
        line(fmt::format("KB for each of {} idle connections", options_.connections), plain_kb,
             k_wanted_kb);
    fmt::print("{:<58}{:>6.2f}\n",
               fmt::format("KB for each of {} idle connections with TLS", options_.tls_connections),
               tls_kb);
    const bool start = line(fmt::format("s from start to ready, pool {}, median of {}",
                                        k_shipped_pool, options_.rounds),
                            start_s, k_wanted_start_s);
    fmt::print("{:<58}{:>6.2f}\n", fmt::format("the same, pool {}", k_large_pool), large_start_s);
    return memory && start ? k_exit_pass : k_exit_threshold;
  }

 private:
  static bool line(const std::string& what, double reached, double most) {
    fmt::print("{:<58}{:>6.2f}  wanted at most {:.2f}  {}\n", what, reached, most,
               reached <= most ? "held" : "MISSED");
    return reached <= most;
  }

  ServerOptions server_options() const {
    return {.database_url = database_.url(),
            .strategy = "pessimistic",
            .broken = false,
            .event_concurrency = 0,
            .pool = k_large_pool,
            .connections_max = std::max(options_.connections, options_.tls_connections) + 100,
            .hold = 5min,
            .sweep_interval = 1min,
            .log_level = "warn"};
  }

  /// With a certificate that was made for this run.
  ServerOptions encrypted(ServerOptions options) const {
    options.tls_certificate = scratch_.path() / "tls.pem";
    options.tls_key = scratch_.path() / "tls.key";
    run_command({.argv = {"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                          "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                          "/CN=floor-idle", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout",
                          options.tls_key.string(), "-out", options.tls_certificate.string()},
                 .output = scratch_.path() / "openssl.log",
                 .directory = {},
                 .user = {},
                 .environment = {}},
                30s, "openssl req");
    return options;
  }

  double connection_kb(const ServerOptions& options, std::int64_t count) {
    throw_if_interrupted(context_.stop);
    live_.begin(fmt::format("{} connections", count), -1);
    load::LoadPlan plan;
    plan.connections = static_cast<std::size_t>(count);
    expect_environment(plan);
    ServerProcess server(options, scratch_.path());
    const auto client = load::make_client(server.target(), plan.connections + 1, 30s, {},
                                          options.tls_certificate.string());
    client->start(plan.connections, {load::Method::get, k_page, {}, {}, {}});
    while (client->in_flight() > 0)  // the first of all makes what all share
      client->wait(load::k_never_ns, [](std::size_t, const load::Exchange&) {});
    const double before = resident_kb(server.process().pid());
    use_each_once(*client, plan.connections);
    return (resident_kb(server.process().pid()) - before) / static_cast<double>(count);
  }

  double start_to_ready_s(int pool) {
    ServerOptions options = server_options();
    options.pool = pool;
    std::vector<double> times;
    for (std::int64_t round = 1; round <= options_.rounds; ++round) {
      throw_if_interrupted(context_.stop);
      live_.begin(fmt::format("[{}/{}] start with a pool of {}", round, options_.rounds, pool), -1);
      const auto begun = std::chrono::steady_clock::now();
      const ServerProcess server(options, scratch_.path());
      for (;;) {
        const auto reply = http_get(server.target() + "/readyz");
        if (reply && reply->status == 200) break;
        if (std::chrono::steady_clock::now() > begun + 15s)
          throw EnvironmentBroke("the server is not ready after 15 s");
      }
      const std::chrono::duration<double> time = std::chrono::steady_clock::now() - begun;
      times.push_back(time.count());
    }
    return reports::median(std::move(times));
  }

  const FloorIdleOptions& options_;
  const Context& context_;
  Live live_;
  TemporaryDirectory scratch_;
  TestDatabase database_;
};

}  // namespace

void add_floor_idle(CLI::App& app, Work& work) {
  auto options = std::make_shared<FloorIdleOptions>();
  CLI::App* command =
      app.add_subcommand("floor-idle", "what an idle connection and a start of the server cost");
  add_measurement_options(*command, options->run);
  add_database_options(*command, options->database);
  add_count(*command, "--rounds", options->rounds, 1, "starts; their median counts");
  add_count(*command, "-c,--connections", options->connections, 1, "idle ones, plain");
  add_count(*command, "--tls-connections", options->tls_connections, 1, "idle ones, encrypted");
  command->callback([&work, options] {
    work = [options](const Context& context) {
      settle_seed(options->run);
      return FloorIdle(*options, context).run();
    };
  });
}

}  // namespace boxoffice::harness
