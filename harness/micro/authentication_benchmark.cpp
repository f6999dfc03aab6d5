// What the check of a token costs, against a reserve, in one process and one run: hashing what the
// client sent, finding and comparing it, counting the request against its user's limit. That is
// what each request pays whose token is known; what an unknown one pays in addition is measured
// over HTTP (boxoffice floor-server).
//
// The reserve is one thread's on a private PostgreSQL in memory with relaxed durability, without
// HTTP: as fast as any reserve can be here, so that the share that is printed at the end is at its
// worst. Exit code 13 where it is more than a tenth.
#include <benchmark/benchmark.h>
#include <sodium.h>

#include <cstdio>
#include <map>
#include <memory>

#include "harness/database/private_database.hpp"
#include "harness/database/sql.hpp"
#include "server/limits.hpp"
#include "server/tokens.hpp"
#include "strategies/migrate.hpp"
#include "strategies/registry.hpp"
#include "strategies/seed.hpp"

namespace {

using namespace boxoffice;

constexpr std::int64_t k_users = 4000;

struct Shop {
  Shop() : database(fresh(*server)) {
    strategies::migrate(database);
    strategies::SeedPlan plan;
    plan.users = k_users;
    strategies::seed(
        database, plan,
        [this](strategies::UserId user, const std::string& token) {
          users.push_back(user);
          bearers.push_back("Bearer " + token);
        },
        [](strategies::EventId) {});
    harness::Sql sql(server->url("bench"));
    sql.run(
        "INSERT INTO events (name, total_tickets, available_tickets, event_date)"
        " VALUES ('Hot', 1000000000, 1000000000, now())");
    event = {sql.number("SELECT max(id) FROM events")};
  }
  static std::string fresh(const harness::PrivateDatabase& server) {
    harness::Sql(server.url()).run("CREATE DATABASE bench");
    return server.url("bench");
  }

  std::unique_ptr<harness::PrivateDatabase> server = harness::start_private_database(
      "postgresql",
      {.durability = harness::Durability::relaxed, .storage = harness::Storage::memory});
  strategies::Database database;
  std::vector<strategies::UserId> users;
  std::vector<std::string> bearers;
  strategies::EventId event;
};

Shop& shop() {
  static Shop instance;
  return instance;
}

/// Waits for the one look-up that it is given.
struct LookUp final : server::TokenLookUp {
  void authenticated(server::Authentication outcome) override {
    known = outcome == server::Authentication::known;
    done.test_and_set();
    done.notify_one();
  }
  bool known = false;
  std::atomic_flag done;
};

void check_token(benchmark::State& state) {
  Shop& it = shop();
  const auto connection = it.database.connect();
  server::TokenLimits limits;
  limits.time_to_live = std::chrono::hours(1);
  server::Tokens tokens(
      limits, [&](auto ids) { return strategies::find_tokens(*connection, ids); },
      [] { return false; });
  server::RateLimits rates;
  rates.user_per_minute = 1'000'000'000;
  server::Limits per_user(rates);
  tokens.start();
  for (const std::string& bearer : it.bearers) {
    LookUp look_up;
    look_up.credential = *server::parse_bearer(bearer);
    tokens.look_up(look_up);
    look_up.done.wait(false);
    if (!look_up.known) return state.SkipWithError("a token that was seeded is not known");
  }
  std::size_t next = 0;
  for (auto _ : state) {
    LookUp request;
    const auto now = server::Clock::now();
    request.credential = *server::parse_bearer(it.bearers[next]);
    const auto known = tokens.recall(request, now);
    if (known != server::Authentication::known ||
        !per_user.take_user(request.requester.user, now).allowed)
      return state.SkipWithError("it was not let in");
    next = (next + 7919) % it.bearers.size();  // no neighbour's cache line
  }
}

void reserve(benchmark::State& state) {
  Shop& it = shop();
  static std::int64_t salt = 0;
  const auto strategy = strategies::make_strategy("pessimistic");
  const auto connection = it.database.connect();
  for (auto _ : state) {
    const std::int64_t n = salt++;
    if (n >= k_users) return state.SkipWithError("out of users: shorten --benchmark_min_time");
    const auto made =
        strategy->reserve(*connection, {it.event, it.users[static_cast<std::size_t>(n)], 1,
                                        "bench-" + std::to_string(n), std::chrono::minutes(5)});
    if (made.has_error()) return state.SkipWithError("it was refused");
  }
}

/// Remembers the times, which the console shows and forgets.
class Remembering final : public benchmark::ConsoleReporter {
 public:
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      if (run.run_type == Run::RT_Iteration && run.iterations > 0)
        time_ns[run.benchmark_name()] =
            run.real_accumulated_time / static_cast<double>(run.iterations) * 1e9;
    }
    ConsoleReporter::ReportRuns(runs);
  }
  std::map<std::string, double> time_ns;
};

}  // namespace

int main(int argc, char** argv) {
  if (sodium_init() < 0) return 70;
  benchmark::RegisterBenchmark("check_token", check_token);
  benchmark::RegisterBenchmark("reserve", reserve)->Iterations(3000);
  benchmark::Initialize(&argc, argv);
  Remembering reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter);
  double check_ns = 0, reserve_ns = 0;
  for (const auto& [name, ns] : reporter.time_ns) {
    (name.starts_with("check_token") ? check_ns : reserve_ns) = ns;
  }
  if (check_ns <= 0 || reserve_ns <= 0) return 12;  // left out by a filter, or failed
  const double share = check_ns / reserve_ns;
  std::printf("checking a known token / a reserve: %.4f  wanted at most 0.10  %s\n", share,
              share <= 0.1 ? "held" : "MISSED");
  return share <= 0.1 ? 0 : 13;
}
