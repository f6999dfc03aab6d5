// The primary dies under load and its replica is promoted; nobody restarts the server. The
// server's URL names both and asks for the one that takes writes. The replica is a synchronous one,
// so that what was acknowledged is there too: all of it has to be found on the new primary.
#include <fmt/format.h>

#include "harness/database/private_postgresql.hpp"
#include "tests/e2e/buyers.hpp"
#include "tests/e2e/running_server.hpp"

namespace boxoffice::tests {
namespace {

class Failover : public ::testing::Test {
 protected:
  Failover() : primary_(options()), replica_(options(), primary_), tokens_(prepare_primary()) {
    harness::Sql sql(primary_.url());
    sql.run("ALTER SYSTEM SET synchronous_standby_names = '*'");  // not the replica's own setting
    sql.run("SELECT pg_reload_conf()");
    EXPECT_TRUE(eventually([&] {
      return sql.number("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'") == 1;
    }));
  }

  static harness::PrivateDatabaseOptions options() {
    return {.durability = harness::Durability::full,
            .storage = harness::Storage::memory,
            .connections_max = 60};
  }
  std::vector<std::string> prepare_primary() {
    harness::Sql(primary_.url()).run("CREATE DATABASE shop");
    return prepare_database(workspace_, primary_.url("shop"));
  }
  std::string url_of_both() const {
    return fmt::format(
        "postgresql://postgres@127.0.0.1:{},127.0.0.1:{}/shop?target_session_attrs=read-write",
        primary_.port(), replica_.port());
  }

  Workspace workspace_;
  harness::PrivatePostgresql primary_, replica_;
  std::vector<std::string> tokens_;
};

TEST_F(Failover, APromotedReplicaIsServedWithinTwoSecondsAndHasAllThatWasAcknowledged) {
  RunningServer server(workspace_, url_of_both(), {"--pool", "8"});
  Buyers buyers(server.port(), 1, tokens_);
  ASSERT_TRUE(buyers.wait_for(200));
  primary_.kill();

  Client ann = server.client(tokens_[20]), probe = server.client();
  EXPECT_TRUE(eventually([&] { return probe.ask("GET", "/readyz").status() == 503; }));
  const Reply away = ann.reserve(1);
  EXPECT_EQ(503, away.status()) << "a replica alone is no database to sell from";
  EXPECT_EQ("database_unavailable", away.text("/code"));

  harness::Sql heir(replica_.url("shop"));
  ASSERT_EQ(1, heir.number("SELECT pg_promote()::int"));
  EXPECT_TRUE(eventually([&] { return ann.reserve(1).status() / 100 == 2; }, 2s));
  EXPECT_TRUE(eventually([&] { return probe.ask("GET", "/readyz").status() == 200; }, 2s));

  const auto rows = heir.number("SELECT count(*) FROM reservations");
  EXPECT_TRUE(buyers.wait_for(static_cast<std::size_t>(rows) + 50)) << "and the others go on";
  const auto acknowledged = buyers.stop();
  EXPECT_EQ(std::set<std::string>{}, buyers.surprises()) << server.program().err();
  EXPECT_EQ(std::set<std::int64_t>{}, lost(heir, acknowledged)) << "of " << acknowledged.size();
  expect_nothing_oversold(heir);
}

}  // namespace
}  // namespace boxoffice::tests
