// Each strategy in process, without HTTP: reserve on one hot event with ample supply, at 1 to 16
// threads, on each engine that is installed: a private server on disk with full durability. Times
// are wall-clock; items_per_second is reservations.
#include <benchmark/benchmark.h>

#include <atomic>
#include <cstdio>
#include <map>
#include <memory>
#include <mutex>

#include "harness/database/private_database.hpp"
#include "harness/database/sql.hpp"
#include "strategies/database.hpp"
#include "strategies/failure.hpp"
#include "strategies/migrate.hpp"
#include "strategies/registry.hpp"
#include "strategies/seed.hpp"

namespace {

using namespace boxoffice;
using namespace boxoffice::strategies;

constexpr std::int64_t k_users = 200'000;

// One server of an engine for all its benchmarks; each starts with an event of its own, so that no
// hold is in the way.
struct Bench {
  explicit Bench(const std::string& product)
      : server(harness::start_private_database(product, {})), database(fresh_database(*server)) {
    migrate(database);
    seed(
        database,
        {.users = k_users,
         .events = 0,
         .tickets = 1,
         .history_rows = 3000,
         .secret = "",
         .admin = false},
        [this](UserId user, const std::string&) {
          if (first_user == 0) first_user = user.value;
        },
        [](EventId) {});
  }

  static std::string fresh_database(const harness::PrivateDatabase& server) {
    harness::Sql(server.url()).run("CREATE DATABASE bench");
    return server.url("bench");
  }

  void fresh_event() {
    next = 0;
    harness::Sql sql(server->url("bench"));
    sql.run(
        "INSERT INTO events (name, total_tickets, available_tickets, event_date)"
        " VALUES ('Hot', 1000000000, 1000000000, now())");
    event = {sql.number("SELECT max(id) FROM events")};
  }

  std::unique_ptr<harness::PrivateDatabase> server;
  Database database;
  std::int64_t first_user = 0;
  std::atomic<std::int64_t> next{0};
  EventId event;
};

Bench& bench_on(const std::string& product) {
  static std::mutex mutex;  // a benchmark's threads ask at the same time
  static std::map<std::string, std::unique_ptr<Bench>> benches;
  const std::lock_guard lock(mutex);
  auto& bench = benches[product];
  if (!bench) bench = std::make_unique<Bench>(product);
  return *bench;
}

void reserve(benchmark::State& state, const std::string& product, const std::string& name) {
  const auto strategy = make_strategy(name);
  Bench& bench = bench_on(product);
  if (state.thread_index() == 0) bench.fresh_event();
  std::unique_ptr<Connection> connection;
  std::int64_t gave_up = 0;
  for (auto _ : state) {
    if (!connection) connection = bench.database.connect();
    const std::int64_t n = bench.next++;
    if (n >= k_users) {
      state.SkipWithError("out of users: shorten --benchmark_min_time");
      break;
    }
    try {
      (void)strategy->reserve(
          *connection,
          {bench.event, UserId{bench.first_user + n}, 1,
           std::to_string(bench.event.value) + "-" + std::to_string(n), std::chrono::minutes(5)});
    } catch (const Failure&) {
      ++gave_up;
    }
  }
  state.SetItemsProcessed(state.iterations() - gave_up);
  state.counters["gave_up"] = static_cast<double>(gave_up);
}

}  // namespace

int main(int argc, char** argv) {
  for (const std::string& product : harness::private_products()) {
    const std::string missing = harness::why_not_installed(product, {});
    if (!missing.empty()) {
      std::fprintf(stderr, "left out: %s\n", missing.c_str());
      continue;
    }
    for (const std::string& name : strategy_names()) {
      benchmark::RegisterBenchmark(("reserve/" + product + "/" + name).c_str(), reserve, product,
                                   name)
          ->ThreadRange(1, 16)
          ->UseRealTime()
          ->MinTime(1.0);
    }
  }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
