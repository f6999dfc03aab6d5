// Connections that break, or wait too long, and what the retry makes of it. Logging in:
// login_dbtest.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <signal.h>

#include <future>
#include <thread>

#include "strategies/connection_budget.hpp"
#include "strategies/failure.hpp"
#include "strategies/migrate.hpp"
#include "strategies/outside.hpp"
#include "strategies/registry.hpp"
#include "strategies/session.hpp"
#include "strategies/statement.hpp"
#include "tests/strategies/database_fixture.hpp"

namespace boxoffice::tests {

using namespace strategies;

class Connections : public ProductTest {};

// What the server was told to do about a client whose machine is gone, in the way that its product
// has.
TEST_P(Connections, AClientThatVanishedKeepsNoLockForLong) {
  const auto connection = on_postgresql() ? Database(url_as("postgres", name_)).connect()  // TCP
                                          : connect();
  const auto value_of = [&](const char* name) {
    const std::string text =
        on_postgresql() ? fmt::format("SELECT setting FROM pg_settings WHERE name = '{}'", name)
                        : fmt::format("SELECT CAST(@@{} AS CHAR)", name);
    return execute(*connection, portable(name, text.c_str()), {}).rows.front().text(0);
  };
  if (on_postgresql()) {
    EXPECT_EQ("10", value_of("tcp_keepalives_idle"));
    EXPECT_EQ("5", value_of("tcp_keepalives_interval"));
    EXPECT_EQ("3", value_of("tcp_keepalives_count"));
    EXPECT_EQ("13000", value_of("tcp_user_timeout"));
    EXPECT_EQ("15000", value_of("idle_in_transaction_session_timeout"));
  } else if (connection->server().product == "mariadb") {
    EXPECT_EQ("15", value_of("idle_transaction_timeout"));
  } else {
    GTEST_SKIP() << "MySQL bounds no idle transaction: its kernel does, docs/operations.md";
  }
}

// Processes that stand still: their sockets stay open, and what is sent there is acknowledged.
class Still {
 public:
  explicit Still(std::vector<pid_t> processes) : processes_(std::move(processes)) { tell(SIGSTOP); }
  ~Still() { tell(SIGCONT); }
  Still(const Still&) = delete;
  Still& operator=(const Still&) = delete;

 private:
  void tell(int signal) {
    for (const pid_t process : processes_) EXPECT_EQ(0, ::kill(process, signal));
  }
  std::vector<pid_t> processes_;
};

pid_t process_of(Connection& connection) {  // of PostgreSQL's, where a session is a process
  return static_cast<pid_t>(connection.session().backend());
}

INSTANTIATE_TEST_SUITE_P(On, Connections, ::testing::ValuesIn(products()), product_of);

TEST_P(Connections, AServerThatRestartedIsFoundAgain) {
  auto options = server_options();
  options.durability = harness::Durability::full;
  const auto server = harness::start_private_database(product_, options);
  harness::Sql(server->url()).run("CREATE DATABASE restarting");
  const std::string url = server->url("restarting");
  migrate(Database(url));
  harness::Sql(url).run(
      "INSERT INTO events (name, total_tickets, available_tickets, event_date)"
      " VALUES ('Concert', 5, 5, '2030-01-01'); INSERT INTO users (name, email, password)"
      " VALUES ('Ann', 'a', '!'), ('Bob', 'b', '!')");
  const auto strategy = make_strategy("pessimistic");
  const auto connection = Database(url).connect();
  ASSERT_TRUE(strategy->reserve(*connection, {EventId{1}, UserId{1}, 1, "one", 5min}));
  server->kill();
  // A process of PostgreSQL's may answer once more before it notices that its parent is dead: what
  // it acknowledges then stands, and the same request finds it again.
  const auto give_up = std::chrono::steady_clock::now() + 10s;
  const auto fails = [&] {
    try {
      (void)strategy->reserve(*connection, {EventId{1}, UserId{2}, 1, "two", 5min});
      return false;
    } catch (const Failure&) {
      return true;
    }
  };
  while (!fails()) ASSERT_LT(std::chrono::steady_clock::now(), give_up);
  server->restart();
  while (!connection->alive()) ASSERT_LT(std::chrono::steady_clock::now(), give_up);
  EXPECT_EQ(
      EventVersion{2},
      strategy->reserve(*connection, {EventId{1}, UserId{2}, 1, "two", 5min}).value().event.version)
      << "what was acknowledged before the crash is there, and once";
}

TEST_P(Connections, AKilledOneIsLostAndTheNextCallHeals) {
  const auto strategy = make_strategy("pessimistic");
  const auto connection = connect();
  const EventId event = add_event(5);
  ASSERT_TRUE(strategy->reserve(*connection, command(event, add_user())));
  const std::int64_t backend = connection->session().backend();
  sql_.run(
      fmt::format(fmt::runtime(sql_for("SELECT pg_terminate_backend({})", "KILL {}")), backend));
  wait_until(
      fmt::format(fmt::runtime(sql_for(
                      "SELECT (count(*) = 0)::int FROM pg_stat_activity WHERE pid = {}",
                      "SELECT count(*) = 0 FROM information_schema.processlist WHERE id = {}")),
                  backend));
  EXPECT_TRUE(strategy->reserve(*connection, command(event, add_user())));
  EXPECT_EQ(2, connection->statistics().attempts);
  EXPECT_EQ(3, available(event));
}

TEST_P(Connections, ASilentOneIsGivenUpAndTheNextOneWorks) {
  if (!on_postgresql()) GTEST_SKIP() << "libmariadb bounds its reads itself";
  for (const char* name : {"pessimistic", "optimistic", "atomic"}) {
    const auto strategy = make_strategy(name);
    const auto connection = connect({.lock_timeout = 100ms, .statement_timeout = 300ms});
    const EventId event = add_event(5);
    ASSERT_TRUE(strategy->reserve(*connection, command(event, add_user())));
    const Still still({process_of(*connection)});
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_TRUE(strategy->reserve(*connection, command(event, add_user()))) << name;
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 3s) << name;
    EXPECT_EQ(3, available(event));
  }
}

// A wait that is longer than the bound, but not for one answer.
TEST_P(Connections, WhatIsLongButNotSilentIsNotGivenUp) {
  if (!on_postgresql()) GTEST_SKIP() << "libmariadb bounds its reads itself";
  const auto connection = connect({.lock_timeout = 200ms, .statement_timeout = 200ms});
  const std::int64_t backend = connection->session().backend();
  const auto until = std::chrono::steady_clock::now() + 700ms;
  while (std::chrono::steady_clock::now() < until) ASSERT_TRUE(connection->alive());
  std::this_thread::sleep_for(600ms);  // nor is one that waits for nothing
  ASSERT_TRUE(connection->alive());
  EXPECT_EQ(backend, connection->session().backend());
}

// As after a failover: what was connected leads nowhere, and new connections work.
TEST_P(Connections, WhereTheProbeFindsSilenceAllSessionsAreShut) {
  if (!on_postgresql()) GTEST_SKIP() << "one process: nothing of it stands still alone";
  const Database database(url_);
  const auto probing = database.connect_to_probe(), waiting = database.connect(),
             idle = database.connect();
  ASSERT_EQ(Presence::here, probing->probe());
  ASSERT_TRUE(waiting->alive() && idle->alive());
  const Still still({process_of(*probing), process_of(*waiting), process_of(*idle)});
  const auto begin = std::chrono::steady_clock::now();
  auto waited = std::async(std::launch::async, [&] { return waiting->alive(); });
  EXPECT_EQ(Presence::here, probing->probe()) << "a new session is asked at once";
  EXPECT_FALSE(waited.get());
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 4s);
  EXPECT_FALSE(idle->alive()) << "at its next use, without a wait";
  EXPECT_TRUE(waiting->alive() && idle->alive());
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
}

TEST_P(Connections, AReadOnlyDatabaseIsAwayForWritesUntilItTakesThem) {
  const auto strategy = make_strategy("atomic");
  const EventId event = add_event(5);
  const ReserveCommand request = command(event, add_user());
  if (!on_postgresql()) {  // of those who may write in spite of it, root is one
    sql_.run(
        fmt::format("CREATE USER clerk_{0}@'127.0.0.1' IDENTIFIED BY 'word';"
                    "GRANT ALL ON {0}.* TO clerk_{0}@'127.0.0.1'",
                    name_));
  }
  const Database database(on_postgresql() ? url_ : url_as("clerk_" + name_ + ":word", name_));
  const auto connection = database.connect(), probing = database.connect_to_probe();
  ASSERT_TRUE(connection->alive());
  EXPECT_EQ(Presence::here, probing->probe());
  probing->drop();
  sql_.run(
      fmt::format(fmt::runtime(sql_for("ALTER DATABASE {} SET default_transaction_read_only = on",
                                       "SET GLOBAL read_only = 1")),
                  name_));
  if (on_postgresql()) connection->session().run("SET default_transaction_read_only = on");
  try {
    (void)strategy->reserve(*connection, request);
    ADD_FAILURE() << "reserved";
  } catch (const Failure& failure) {
    EXPECT_EQ(FailureCode::database_unavailable, failure.code()) << failure.what();
  }
  EXPECT_EQ(1, connection->statistics().retries_by_code.count("read_only"));
  EXPECT_EQ(Presence::read_only, probing->probe());
  sql_.run(fmt::format(fmt::runtime(sql_for("ALTER DATABASE {} RESET default_transaction_read_only",
                                            "SET GLOBAL read_only = 0")),
                       name_));
  EXPECT_EQ(Presence::here, probing->probe());
  EXPECT_TRUE(strategy->reserve(*connection, request));
}

TEST_P(Connections, ALockTimeoutIsRetriedOnceThenSaidPlainly) {
  const auto strategy = make_strategy("pessimistic");
  const auto connection = connect({.lock_timeout = on_postgresql() ? 100ms : 1s});
  const EventId event = add_event(5);
  const ReserveCommand request = command(event, add_user());
  sql_.run(fmt::format("BEGIN; UPDATE events SET name = 'x' WHERE id = {}", event.value));
  try {
    (void)strategy->reserve(*connection, request);
    FAIL() << "reserved through a lock";
  } catch (const Failure& failure) {
    EXPECT_EQ(FailureCode::lock_timeout, failure.code());
  }
  EXPECT_EQ(2, connection->statistics().attempts);
  EXPECT_EQ(2, connection->statistics().retries_by_code.at(sql_for("55P03", "1205")));
}

TEST_P(Connections, ALookUpThatWaitsTooLongForALockSaysSo) {
  const auto connection = connect({.lock_timeout = on_postgresql() ? 100ms : 1s});
  const EventId event = add_event(5);
  sql_.run(fmt::format("BEGIN; UPDATE events SET name = 'x' WHERE id = {}", event.value));
  static constexpr Statement k_locking = portable("locking", "SELECT id FROM events FOR UPDATE");
  try {
    read_outside(*connection, [&] { return execute(*connection, k_locking, {}).rows.size(); });
    FAIL() << "read through a lock";
  } catch (const Failure& failure) {
    EXPECT_EQ(FailureCode::lock_timeout, failure.code()) << failure.what();
  }
}

TEST_P(Connections, TheTimeOfALockWaitIsTheLockingStepsWhateverTheStrategy) {
  using Clock = std::chrono::steady_clock;
  for (const char* name : {"pessimistic", "optimistic", "atomic"}) {
    const auto strategy = make_strategy(name);
    const auto connection = connect();
    const EventId event = add_event(5);
    ASSERT_TRUE(strategy->reserve(*connection, command(event, add_user())));  // prepares
    const ReserveCommand request = command(event, add_user());
    harness::Sql holder(url_);
    holder.run(fmt::format("BEGIN; UPDATE events SET name = 'x' WHERE id = {}", event.value));
    const auto begin = Clock::now();
    auto reserve =
        std::async(std::launch::async, [&] { return strategy->reserve(*connection, request); });
    wait_for_lock_waits(1);
    const auto waits = Clock::now();
    std::this_thread::sleep_for(100ms);  // what is to be measured, not a wait
    const auto waited = Clock::now() - waits;
    holder.run("COMMIT");
    EXPECT_TRUE(reserve.get()) << name;
    const auto taken = Clock::now() - begin;
    const Spans& spans = connection->statistics().spans;
    EXPECT_GE(spans.locking, waited) << name;
    EXPECT_GT(spans.commit.count(), 0) << name;
    EXPECT_EQ(spans.pauses.count(), 0) << name;
    EXPECT_LE(spans.locking + spans.statements + spans.commit, taken) << "nothing counts twice";
  }
}

TEST_P(Connections, TheTimeOfOneCallIsNotTheNextOnes) {
  const auto strategy = make_strategy("optimistic");
  const auto connection = connect();
  const EventId event = add_event(5);
  ASSERT_TRUE(strategy->reserve(*connection, command(event, add_user())));
  const auto refused = strategy->reserve(*connection, command(event, add_user(), 5min, 6));
  EXPECT_TRUE(refused.has_error());
  EXPECT_EQ(connection->statistics().spans.commit.count(), 0) << "sold out commits nothing";
  EXPECT_EQ(connection->statistics().spans.locking.count(), 0) << "and locks nothing";
  EXPECT_GT(connection->statistics().spans.statements.count(), 0);
}

TEST_P(Connections, ABudgetCountsWhatOthersTook) {
  const std::int64_t most =
      sql_.number(sql_for("SELECT setting FROM pg_settings WHERE name = 'max_connections'",
                          "SELECT @@max_connections"));
  const auto asking = connect();
  const auto before = connection_budget(*asking);
  EXPECT_EQ(most, before.most);
  EXPECT_LT(before.free, most) << "the test has a connection of its own";
  EXPECT_GT(before.free, 0);
  std::vector<std::unique_ptr<Connection>> others;
  for (int i = 0; i < 20; ++i) {
    others.push_back(connect());
    ASSERT_TRUE(others.back()->alive());
  }
  const std::int64_t taken = before.free - connection_budget(*asking).free;
  EXPECT_GT(taken, 15) << "a few may have ended meanwhile: earlier tests', the server's own";
  EXPECT_LT(taken, 25);
}

}  // namespace boxoffice::tests
