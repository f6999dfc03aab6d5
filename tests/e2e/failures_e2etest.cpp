// The database goes away under a running server and comes back: 503 that says so at once, not ready
// meanwhile, and served again soon after, without a restart. The database is a private one of the
// test, for nothing else may miss it.
#include <fmt/format.h>
#include <signal.h>

#include "tests/e2e/buyers.hpp"
#include "tests/e2e/running_server.hpp"

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
  const auto back = Clock::now();
  EXPECT_TRUE(eventually([&] { return ann.reserve(1).status() / 100 == 2; }, 3s));
  EXPECT_TRUE(eventually([&] { return probe.ask("GET", "/readyz").status() == 200; }, 3s));
  EXPECT_LT(Clock::now() - back, 3s);
  const auto acknowledged = buyers.stop();
  EXPECT_EQ(std::set<std::string>{}, buyers.surprises()) << server.program().err();
  harness::Sql sql(postgresql_.url());
  EXPECT_EQ(std::set<std::int64_t>{}, lost(sql, acknowledged)) << "of " << acknowledged.size();
}

TEST_P(DatabaseAway, ItsTokensAreUnknownOnlyWhereTheDatabaseSaysSo) {
  RunningServer server(workspace_, postgresql_.url());
  postgresql_.server().end(GetParam(), 5s);
  const Reply reply = server.client(tokens_[1]).ask("GET", "/api/reservations");
  EXPECT_EQ(503, reply.status()) << reply.raw.body;
  EXPECT_EQ("database_unavailable", reply.text("/code"));
}

}  // namespace
}  // namespace boxoffice::tests
