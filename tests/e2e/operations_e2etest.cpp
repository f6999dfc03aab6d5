// What operators and balancers rely on: probes, the version, a drain at SIGTERM that loses nothing.
//
// "Acknowledged" is a 201 that a client read to its end. Whatever happens to the server, the
// database must hold each of those reservations.
#include <fmt/format.h>
#include <signal.h>

#include <set>

#include "tests/e2e/buyers.hpp"
#include "tests/e2e/running_server.hpp"

namespace boxoffice::tests {
namespace {

class Operations : public ServerTest {};

TEST_F(Operations, ProbesAndVersion) {
  RunningServer server = serve({"--strategy", "optimistic", "--pool", "3"});
  Client probe = server.client();
  EXPECT_EQ(200, probe.ask("GET", "/livez").status());
  EXPECT_EQ(200, probe.ask("GET", "/readyz").status());
  const Reply version = probe.ask("GET", "/version");
  EXPECT_EQ(200, version.status());
  EXPECT_EQ("optimistic", version.text("/strategy"));
  EXPECT_EQ("postgresql", version.text("/database"));
  EXPECT_EQ(3, version.number("/pool"));
  EXPECT_FALSE(version.text("/git_commit").empty());
  EXPECT_EQ("application/json", version.header("content-type"));
}

TEST_F(Operations, ProbesOnAPortOfTheirOwn) {
  RunningServer server = serve({"--operations-port", "0"});
  EXPECT_EQ(404, server.client().ask("GET", "/livez").status());
  const auto port = server.operations_port();
  EXPECT_EQ(200, Client(port).ask("GET", "/livez").status());
  EXPECT_EQ(404, Client(port).ask("GET", "/api/events").status());
}

TEST_F(Operations, SigtermUnderLoadDrainsAndLosesNothing) {
  const auto event = add_event(1'000'000);
  RunningServer server = serve();
  Buyers buyers(server.port(), event, tokens_);
  ASSERT_TRUE(buyers.wait_for(300));
  server.program().process().signal(SIGTERM);
  const Ran ran = server.program().wait(15s);
  EXPECT_EQ(0, ran.code) << ran.err;
  const auto acknowledged = buyers.stop();
  EXPECT_EQ(std::set<std::int64_t>{}, lost(sql_, acknowledged));
  EXPECT_EQ(std::ssize(acknowledged), sql_.number("SELECT count(*) FROM reservations"))
      << "a drain leaves no reservation without its reply";
  EXPECT_EQ(std::set<std::string>{}, buyers.surprises());
  expect_nothing_oversold();
}

TEST_F(Operations, GraceFirstSaysThatItIsNotReady) {
  RunningServer server = serve({"--grace", "10s"});
  Client probe = server.client();
  server.program().process().signal(SIGTERM);
  EXPECT_TRUE(eventually([&] { return probe.ask("GET", "/readyz").status() == 503; }));
  EXPECT_EQ(200, probe.ask("GET", "/livez").status());
  EXPECT_EQ(201, server.client(tokens_[1]).reserve(1).status()) << "still served";
  server.program().process().signal(SIGTERM);
  EXPECT_EQ(128 + SIGTERM, server.program().wait(3s).code) << "a second signal does not wait";
}

TEST_F(Operations, KillNineUnderLoadLosesNothing) {
  const auto event = add_event(1'000'000);
  RunningServer server = serve();
  Buyers buyers(server.port(), event, tokens_);
  ASSERT_TRUE(buyers.wait_for(300));
  server.program().process().signal(SIGKILL);
  EXPECT_EQ(128 + SIGKILL, server.program().wait(5s).code);
  const auto acknowledged = buyers.stop();
  // What was committed as the server died may still be on its way.
  EXPECT_TRUE(eventually([&] {
    return sql_.number(
               "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
               " AND pid <> pg_backend_pid()") == 0;
  }));
  EXPECT_EQ(std::set<std::int64_t>{}, lost(sql_, acknowledged));
  expect_nothing_oversold();
  RunningServer next = serve();
  EXPECT_EQ(200, next.client(tokens_[1]).reserve(event).status() / 100 * 100);
}

}  // namespace
}  // namespace boxoffice::tests
