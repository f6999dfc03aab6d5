// The database goes away under a running server and comes back: 503 that says so at once, not ready
// meanwhile, and served again soon after, without a restart. The database is a private one of the
// test, for nothing else may miss it. Gone may also mean that it says nothing any more.
#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>

#include "harness/database/private_database.hpp"
#include "tests/e2e/buyers.hpp"
#include "tests/e2e/running_server.hpp"
#include "tests/server/metrics_text.hpp"

namespace boxoffice::tests {
namespace {

using Clock = std::chrono::steady_clock;

class DatabaseAway : public ::testing::TestWithParam<int> {
 protected:
  DatabaseAway()
      : postgresql_({.durability = harness::Durability::full,
                     .storage = harness::Storage::memory,
                     .connections_max = 60,
                     .binaries = {}}),
        tokens_(prepare_database(workspace_, postgresql_.url())) {}

  Workspace workspace_;
  harness::PrivatePostgresql postgresql_;
  std::vector<std::string> tokens_;
};

INSTANTIATE_TEST_SUITE_P(Signals, DatabaseAway, ::testing::Values(SIGQUIT, SIGKILL),
                         [](const auto& test) { return test.param == SIGKILL ? "Kill" : "Quit"; });

TEST_P(DatabaseAway, SaysSoAndComesBackWithoutARestart) {
  RunningServer server(workspace_, postgresql_.url(), {"--pool", "8"});
  Buyers buyers(server.port(), 1, tokens_);
  ASSERT_TRUE(buyers.wait_for(100));
  postgresql_.server().end(GetParam(), 5s);

  Client ann = server.client(tokens_[20]), probe = server.client();
  Reply away;
  EXPECT_TRUE(eventually([&] { return (away = ann.reserve(1)).status() == 503; }));
  const auto asked = Clock::now();
  away = ann.reserve(1);
  EXPECT_LT(Clock::now() - asked, 1s) << "no waiting for what is not there";
  EXPECT_EQ(503, away.status());
  EXPECT_EQ("database_unavailable", away.text("/code"));
  EXPECT_EQ("none", away.text("/effect"));
  EXPECT_EQ("1", away.header("retry-after"));
  EXPECT_TRUE(eventually([&] { return probe.ask("GET", "/readyz").status() == 503; }));
  EXPECT_EQ(200, probe.ask("GET", "/livez").status());

  postgresql_.restart();
  harness::Sql sql(postgresql_.url());  // taken: from now on the server's are too
  EXPECT_TRUE(eventually([&] { return ann.reserve(1).status() / 100 == 2; }, 2s));
  EXPECT_TRUE(eventually([&] { return probe.ask("GET", "/readyz").status() == 200; }, 2s));
  const auto acknowledged = buyers.stop();
  EXPECT_EQ(std::set<std::string>{}, buyers.surprises()) << server.program().err();
  EXPECT_EQ(std::set<std::int64_t>{}, lost(sql, acknowledged)) << "of " << acknowledged.size();
}

TEST_P(DatabaseAway, ItsTokensAreUnknownOnlyWhereTheDatabaseSaysSo) {
  RunningServer server(workspace_, postgresql_.url());
  postgresql_.server().end(GetParam(), 5s);
  const Reply reply = server.client(tokens_[1]).ask("GET", "/api/reservations");
  EXPECT_EQ(503, reply.status()) << reply.raw.body;
  EXPECT_EQ("database_unavailable", reply.text("/code"));
}

class SessionsKilled : public ServerTest {};

// The database stays: an administrator, or a proxy in front of it, ended every session at once.
TEST_F(SessionsKilled, AreReplacedWhileOthersAreServedOrToldSo) {
  RunningServer server = serve({"--pool", "8"});
  Buyers buyers(server.port(), 1, tokens_);
  Client ann = server.client(tokens_[20]), probe = server.client();
  for (std::size_t round = 1; round <= 3; ++round) {
    ASSERT_TRUE(buyers.wait_for(round * 40));
    EXPECT_GE(sql_.number("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE "
                          "datname = current_database() AND application_name = 'boxoffice-server'"),
              round == 1 ? 8 : 1)
        << "later, those that were needed again";
    const auto killed = Clock::now();
    EXPECT_TRUE(eventually([&] { return ann.reserve(1).status() / 100 == 2; }, 2s));
    EXPECT_TRUE(eventually([&] { return probe.ask("GET", "/readyz").status() == 200; }, 2s));
    EXPECT_LT(Clock::now() - killed, 2s) << "round " << round;
  }
  ASSERT_TRUE(buyers.wait_for(160)) << "all of them, not only some";
  const auto acknowledged = buyers.stop();
  EXPECT_EQ(std::set<std::string>{}, buyers.surprises()) << server.program().err();
  EXPECT_EQ(0U, buyers.indeterminate()) << "each had a reply";
  EXPECT_EQ(std::set<std::int64_t>{}, lost(sql_, acknowledged)) << "of " << acknowledged.size();
  expect_nothing_oversold();
}

/// Of many threads one takes the signal and stops the others, which work on until it has run.
bool every_thread_stopped(pid_t process) {
  std::error_code gone;
  for (const auto& task :
       std::filesystem::directory_iterator(fmt::format("/proc/{}/task", process), gone)) {
    std::ifstream file(task.path() / "stat");
    const std::string stat{std::istreambuf_iterator<char>(file), {}};
    const std::size_t name_end = stat.rfind(") ");
    if (name_end != std::string::npos && stat.at(name_end + 2) != 'T') return false;
  }
  return true;
}

// Processes that stand still: connections stay, what is sent there is acknowledged by the kernel.
class StandStill {
 public:
  explicit StandStill(std::vector<pid_t> processes) : processes_(std::move(processes)) {
    for (const pid_t process : processes_) ::kill(process, SIGSTOP);
    EXPECT_TRUE(
        eventually([this] { return std::ranges::all_of(processes_, every_thread_stopped); }, 5s));
  }
  ~StandStill() {
    for (const pid_t process : processes_) ::kill(process, SIGCONT);
  }
  StandStill(const StandStill&) = delete;
  StandStill& operator=(const StandStill&) = delete;

 private:
  std::vector<pid_t> processes_;
};

std::vector<pid_t> with_children(pid_t parent) {
  std::vector<pid_t> all{parent};
  std::ifstream children(fmt::format("/proc/{0}/task/{0}/children", parent));
  for (pid_t child = 0; children >> child;) all.push_back(child);
  return all;
}

class DatabaseSilent : public ::testing::TestWithParam<const char*> {
 protected:
  static constexpr std::size_t k_buyers = 8;

  void SetUp() override {
    database_ = harness::start_private_database(
        GetParam(), {.storage = harness::Storage::memory, .connections_max = 60});
    harness::Sql(database_->url()).run("CREATE DATABASE box");
    tokens_ = prepare_database(workspace_, database_->tcp_url("box"));
    server_ = std::make_unique<RunningServer>(workspace_, database_->tcp_url("box"),
                                              std::vector<std::string>{"--pool", "4"});
    for (const Answered& warm : all_reserve()) ASSERT_EQ(2, warm.status / 100) << warm.code;
  }

  struct Answered {
    int status = 0;
    std::string code;
  };
  /// Every buyer at once, more of them than connections.
  std::vector<Answered> all_reserve() {
    std::vector<std::future<Answered>> asked;
    for (std::size_t i = 1; i <= k_buyers; ++i) {
      asked.push_back(std::async(std::launch::async, [this, i] {
        const Reply reply = server_->client(tokens_[i]).reserve(1);
        return Answered{reply.status(), reply.status() == 503 ? reply.text("/code") : ""};
      }));
    }
    std::vector<Answered> answered;
    for (auto& reply : asked) answered.push_back(reply.get());
    return answered;
  }

  Workspace workspace_;
  std::unique_ptr<harness::PrivateDatabase> database_;
  std::vector<std::string> tokens_;
  std::unique_ptr<RunningServer> server_;
};
INSTANTIATE_TEST_SUITE_P(Products, DatabaseSilent, ::testing::Values("postgresql", "mariadb"),
                         [](const auto& test) { return std::string(test.param); });

TEST_P(DatabaseSilent, IsAwayWithinSecondsAndBackAtOnce) {
  std::optional<StandStill> still(with_children(database_->server().pid()));
  const auto begin = Clock::now();
  for (const Answered& away : all_reserve()) {
    EXPECT_EQ(503, away.status);
    EXPECT_EQ("database_unavailable", away.code);
  }
  EXPECT_LT(Clock::now() - begin, 7s) << "whoever was under way when it fell silent";
  const auto asked = Clock::now();
  for (const Answered& away : all_reserve()) EXPECT_EQ("database_unavailable", away.code);
  EXPECT_EQ(503, server_->client().ask("GET", "/readyz").status());
  EXPECT_LT(Clock::now() - asked, 1s) << "no waiting for what says nothing";
  still.reset();
  Client ann = server_->client(tokens_[1]);
  EXPECT_TRUE(eventually([&] { return ann.reserve(1).status() / 100 == 2; }, 2s));
  for (const Answered& back : all_reserve()) EXPECT_EQ(2, back.status / 100) << back.code;
  EXPECT_TRUE(eventually([&] {
    return MetricsText(server_->client().ask("GET", "/metrics").raw.body)
               .value("boxoffice_pool_in_use", {}) == 0;
  })) << "no thread is stuck";
}

// As behind an address that leads to a new primary, and no word to those that were connected.
TEST_P(DatabaseSilent, WhatWasConnectedMayLeadNowhereWhileNewConnectionsWork) {
  if (GetParam() != std::string("postgresql")) GTEST_SKIP() << "a process for each session";
  std::vector<pid_t> sessions;
  harness::Sql sql(database_->url());
  const auto backends = sql.number("SELECT count(*) FROM pg_stat_activity WHERE datname = 'box'");
  for (std::int64_t i = 0; i < backends; ++i) {
    sessions.push_back(static_cast<pid_t>(sql.number(
        fmt::format("SELECT pid FROM pg_stat_activity WHERE datname = 'box' ORDER BY pid OFFSET {} "
                    "LIMIT 1",
                    i))));
  }
  ASSERT_GT(sessions.size(), 4U);
  const StandStill still(sessions);
  const auto begin = Clock::now();
  int served = 0;
  for (const Answered& answered : all_reserve()) {
    if (answered.status / 100 == 2) {
      ++served;
    } else {
      EXPECT_EQ("database_unavailable", answered.code) << "of one that still waited in line";
    }
  }
  EXPECT_GT(served, 0) << "those under way, on a new connection";
  for (const Answered& answered : all_reserve()) EXPECT_EQ(2, answered.status / 100);
  EXPECT_LT(Clock::now() - begin, 6s);
  EXPECT_EQ(200, server_->client().ask("GET", "/readyz").status());
}

}  // namespace
}  // namespace boxoffice::tests
