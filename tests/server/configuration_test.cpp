#include "server/configuration.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <vector>

namespace boxoffice::server {
namespace {

using namespace std::chrono_literals;

constexpr const char* k_database = "--database=postgresql://u@127.0.0.1/x";

CommandLine read(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "boxoffice-server");
  return read_command_line(static_cast<int>(arguments.size()), arguments.data());
}

TEST(Configuration, FlagsAreConverted) {
  const auto line = read({k_database, "--strategy", "atomic", "--port", "0", "--event-concurrency",
                          "unlimited", "--queue", "10k", "--slow-transaction", "200ms", "--hold",
                          "1s", "--sweep-interval", "200ms", "--log-level", "warn"});
  ASSERT_TRUE(line.configuration);
  const auto& c = *line.configuration;
  EXPECT_EQ(c.sources.command, Command::serve);
  EXPECT_EQ(c.strategy, "atomic");
  EXPECT_EQ(c.server.port, 0);
  EXPECT_EQ(c.executor.per_key, 0);
  EXPECT_EQ(c.executor.queue, 10'000);
  EXPECT_EQ(c.slow_transaction, 200ms);
  EXPECT_EQ(c.hold, 1s);
  EXPECT_EQ(c.sweep_interval, 200ms);
  EXPECT_EQ(c.log_level, log::Level::warn);
  EXPECT_FALSE(c.server.operations_port);
}

TEST(Configuration, MistakesAre64) {
  const std::vector<std::vector<const char*>> mistakes{
      {},
      {k_database, "--strategie", "atomic"},
      {k_database, "extra"},
      {k_database, "--port", "65536"},
      {k_database, "--port", "http"},
      {k_database, "--pool", "0"},
      {k_database, "--hold", "5"},
      {k_database, "--hold", "0s"},
      {k_database, "--hold", "3651d"},
      {k_database, "--event-concurrency", "0"},
      {k_database, "--event-concurrency", "many"},
      {k_database, "--log-level", "loud"},
      {k_database, "--event-cache", "1"},
      {k_database, "--replica-lag", "100ms"},
      {k_database, "--replica-database", "mysql://u@127.0.0.1/x"},
      {k_database, "--replica-database", "postgresql://u@one,two/x"},
      {k_database, "--replica-database", "postgresql://u@/x?hostaddr=10.0.0.1,10.0.0.2"},
      {k_database, "--host", "nowhere at all"},
      {"migrate"},
      {"seed", "--users", "-1", k_database},
  };
  for (const auto& arguments : mistakes) {
    const auto line = read(arguments);
    EXPECT_FALSE(line.configuration);
    EXPECT_EQ(line.exit_code, 64);
  }
}

TEST(Configuration, SubcommandsHaveTheirFlags) {
  const auto line = read({"seed", k_database, "--users", "200k", "--tokens-out", "tokens"});
  ASSERT_TRUE(line.configuration);
  EXPECT_EQ(line.configuration->sources.command, Command::seed);
  EXPECT_EQ(line.configuration->seed.users, 200'000);
  EXPECT_EQ(read({"migrate", k_database}).configuration->sources.command, Command::migrate);
}

TEST(Configuration, TheEnvironmentIsBelowFlags) {
  ::setenv("BOXOFFICE_DATABASE", "postgresql://u@127.0.0.1/from-environment", 1);
  ::setenv("BOXOFFICE_SERVER_POOL", "7", 1);
  const auto line = read({});
  const auto over = read({"--pool", "9", k_database});
  ::setenv("BOXOFFICE_SERVER_POOL", "many", 1);
  const auto wrong = read({});
  ::unsetenv("BOXOFFICE_DATABASE");
  ::unsetenv("BOXOFFICE_SERVER_POOL");
  ASSERT_TRUE(line.configuration);
  EXPECT_EQ(line.configuration->database, "postgresql://u@127.0.0.1/from-environment");
  EXPECT_EQ(line.configuration->executor.threads, 7);
  EXPECT_EQ(over.configuration->executor.threads, 9);
  EXPECT_EQ(over.configuration->database, "postgresql://u@127.0.0.1/x");
  EXPECT_EQ(wrong.exit_code, 64);
}

TEST(Configuration, AVariableThatIsNoSettingIsAMistake) {
  ::setenv("BOXOFFICE_SERVER_USERS", "7", 1);  // seed's: every command may find it
  const auto of_another = read({k_database});
  ::setenv("BOXOFFICE_SERVER_POOOL", "3", 1);
  ::testing::internal::CaptureStderr();
  const auto mistyped = read({k_database});
  const std::string said = ::testing::internal::GetCapturedStderr();
  const auto migrate = read({"migrate", k_database});
  ::unsetenv("BOXOFFICE_SERVER_POOOL");
  ::unsetenv("BOXOFFICE_SERVER_USERS");
  EXPECT_TRUE(of_another.configuration);
  EXPECT_EQ(64, mistyped.exit_code);
  EXPECT_NE(std::string::npos, said.find("BOXOFFICE_SERVER_POOOL: no such setting")) << said;
  EXPECT_EQ(64, migrate.exit_code);
}

}  // namespace
}  // namespace boxoffice::server
