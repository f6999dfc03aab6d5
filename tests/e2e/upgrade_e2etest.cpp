// Upgrade from this release to the next under load (docs/operations.md, "Upgrade"): migrated while
// the old program serves, then the new one takes its place behind a balancer and the old one is
// told to stop. The harness loads, audits and judges as it does for any server.
//
// The next release is boxoffice-server-next. The balancer is the harness's proxy: new connections
// go where it is told, those that there are end when their server drains.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <signal.h>

#include <fstream>

#include "harness/database/private_database.hpp"
#include "harness/faults/proxy.hpp"
#include "tests/e2e/running_server.hpp"

namespace boxoffice::tests {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::size_t attempts(RunningServer& server) {
  const std::string log = server.program().err();
  std::size_t count = 0;
  for (auto at = log.find("Reservation attempt"); at != log.npos;
       at = log.find("Reservation attempt", at + 1)) {
    ++count;
  }
  return count;
}

class Upgrade : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (GetParam() == std::string("mysql")) {  // the others are everywhere (cmake/setup)
      const std::string missing = harness::why_not_installed("mysql", {});
      if (!missing.empty()) GTEST_SKIP() << "NOT TESTED: " << missing;
    }
    engine_ =
        harness::start_private_database(GetParam(), {.durability = harness::Durability::relaxed,
                                                     .storage = harness::Storage::memory,
                                                     .connections_max = 200});
    harness::Sql(engine_->url()).run("CREATE DATABASE shop");
    url_ = engine_->url("shop");
    tokens_ = prepare_database(workspace_, url_);
    harness::Sql(url_).run(
        "UPDATE events SET total_tickets = 6, available_tickets = 6 WHERE id = 1");
    std::ofstream tokens(workspace_.path() / "tokens");
    for (std::size_t i = 0; i < tokens_.size(); ++i) tokens << i + 1 << '\t' << tokens_[i] << '\n';
  }

  RunningServer serve(const std::string& program) {
    return RunningServer(workspace_, url_, {"--pool", "8"}, program);
  }
  Ran run(const std::string& program, std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--database", url_});
    return run_program(workspace_, program, arguments);
  }
  /// A closed loop, in which changes of one event overlap: what leaves on a schedule is answered on
  /// a quick machine before the next one is due.
  Program load(int port) {
    return Program(
        workspace_, "boxoffice",
        {"verify", "--target", fmt::format("http://127.0.0.1:{}", port), "--tokens", "tokens",
         "--events", "1,2,3", "--audit-database", url_, "--time", "3s", "-c", "4", "--seed", "1"});
  }

  void expect_refusal_once_something_is_gone() {
    harness::Sql(url_).run("UPDATE schema_migrations SET oldest_program = 4 WHERE version = 4");
    using Arguments = std::vector<std::string>;
    for (const auto& arguments : {Arguments{"--port", "0"}, Arguments{"migrate"},
                                  Arguments{"migrate", "--dry-run"}, Arguments{"seed"}}) {
      const Ran old = run("boxoffice-server", arguments);
      EXPECT_EQ(64, old.code) << arguments.front();
      EXPECT_EQ("", old.out);
      EXPECT_EQ(
          "boxoffice-server: the schema is at version 4 and needs a program that knows "
          "version 4 or a newer one; this one knows 3: use a newer program\n",
          old.err);
    }
    EXPECT_EQ(200, serve("boxoffice-server-next").client().ask("GET", "/readyz").status());
  }

  Workspace workspace_;
  std::unique_ptr<harness::PrivateDatabase> engine_;
  std::string url_;
  std::vector<std::string> tokens_;
};

INSTANTIATE_TEST_SUITE_P(On, Upgrade, ::testing::Values("postgresql", "mariadb", "mysql"),
                         [](const auto& test) { return std::string(test.param); });

TEST_P(Upgrade, UnderLoadLosesNothingAndTheOldProgramMayComeBack) {
  RunningServer old = serve("boxoffice-server");
  harness::Proxy balancer(old.port());
  Program harness = load(balancer.port());
  ASSERT_TRUE(eventually([&] { return attempts(old) > 100; })) << harness.err();

  const Ran dry = run("boxoffice-server-next", {"migrate", "--dry-run"});
  EXPECT_THAT(dry.out, HasSubstr("would apply 0004-channel.sql: schema version 4, for programs "
                                 "that know version 3 or newer"));
  const Ran migrated = run("boxoffice-server-next", {"migrate"});
  ASSERT_EQ(0, migrated.code) << migrated.err;
  EXPECT_THAT(migrated.out, HasSubstr("applied 0004-channel.sql"));
  const auto before = attempts(old);
  EXPECT_TRUE(eventually([&] { return attempts(old) > before + 100; })) << "it goes on serving";

  RunningServer next = serve("boxoffice-server-next");
  balancer.turn_to(next.port());
  old.program().process().signal(SIGTERM);
  EXPECT_EQ(0, old.program().wait(15s).code);
  EXPECT_TRUE(eventually([&] { return attempts(next) > 100; }));
  const Ran verdict = harness.wait();
  EXPECT_EQ(0, verdict.code) << verdict.out << verdict.err;
  EXPECT_THAT(verdict.out, HasSubstr("PASS: http://127.0.0.1:"));
  EXPECT_THAT(old.program().err() + next.program().err(),
              AllOf(Not(HasSubstr("internal_error")), Not(HasSubstr("database_unavailable"))));

  RunningServer back = serve("boxoffice-server");
  EXPECT_EQ(200, back.client(tokens_[1]).ask("GET", "/api/reservations").status());
  EXPECT_THAT(back.program().err(), HasSubstr("The schema is newer and still has what this program "
                                              "needs\",\"schema_version\":4,\"program_schema_"
                                              "version\":3,\"oldest_program_schema_version\":3"));
  const Ran again = run("boxoffice-server", {"migrate"});
  EXPECT_EQ(0, again.code) << again.err;
  EXPECT_THAT(again.out, HasSubstr("this one knows 3 and leaves it alone"));
  expect_refusal_once_something_is_gone();
}

}  // namespace
}  // namespace boxoffice::tests
