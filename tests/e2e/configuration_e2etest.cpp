// The server's configuration as an operator meets it: checked and printed without a start, read
// again at SIGHUP, and its pool held against what the database has.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <signal.h>

#include <fstream>

#include "tests/e2e/running_server.hpp"

namespace boxoffice::tests {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class ConfigurationOf : public ServerTest {
 protected:
  std::string write(const std::string& name, const std::string& text) const {
    const auto path = workspace_.path() / name;
    std::ofstream(path) << text;
    return path.string();
  }
  Ran run(const std::vector<std::string>& arguments, const Environment& environment = {}) const {
    return run_program(workspace_, "boxoffice-server", arguments, environment);
  }
  /// Sends SIGHUP and waits for a log line with `text`.
  static bool hang_up(RunningServer& server, const std::string& text) {
    server.program().process().signal(SIGHUP);
    return eventually([&] { return server.program().err().find(text) != std::string::npos; });
  }
};

constexpr const char* k_nowhere = "database = 'postgresql://nobody:sesame@127.0.0.1:1/x'\n";

TEST_F(ConfigurationOf, IsCheckedWithoutADatabase) {
  const auto file = write("server.toml", std::string(k_nowhere) + "pool = 3\n");
  const Ran valid = run({"--config", file, "--check-config"});
  EXPECT_EQ(0, valid.code) << valid.err;
  EXPECT_EQ("configuration is valid\n", valid.out);
  EXPECT_EQ("", valid.err);
  write("server.toml", std::string(k_nowhere) + "\npools = 3\n");
  for (const auto& arguments :
       std::vector<std::vector<std::string>>{{"--config", file, "--check-config"},
                                             {"--config", file},
                                             {"--config", file, "migrate"}}) {
    const Ran wrong = run(arguments);
    EXPECT_EQ(64, wrong.code);
    EXPECT_EQ("", wrong.out);
    EXPECT_EQ("boxoffice-server: " + file + ":3: unknown key 'pools'\n", wrong.err);
  }
}

TEST_F(ConfigurationOf, TheShippedFileIsValid) {
  const Ran ran = run({"--check-config", "--config", BOXOFFICE_SOURCE_DIR "/docker/server.toml",
                       "--database", url_});
  EXPECT_EQ(0, ran.code) << ran.err;
}

/// The commands of docs/http-api.md, one after the other, as they stand there.
TEST_F(ConfigurationOf, TheDocumentedRequestsAreAnswered) {
  RunningServer server = serve();
  const std::string page = text_of(BOXOFFICE_SOURCE_DIR "/docs/http-api.md");
  std::string commands = page.substr(page.find("```\ncurl ") + 4);
  commands.resize(commands.find("```"));
  const std::string documented = "127.0.0.1:8080",
                    here = fmt::format("127.0.0.1:{}", server.port());
  for (auto at = commands.find(documented); at != commands.npos; at = commands.find(documented))
    commands.replace(at, documented.size(), here);
  for (auto at = commands.find("curl -s "); at != commands.npos;
       at = commands.find("curl -s ", at + 1))
    commands.insert(at + 8, "-o /dev/null -w '%{http_code} ' ");
  const Ran ran = run_program(workspace_, "/bin/sh", {"-c", commands}, {{"TOKEN", tokens_[0]}});
  EXPECT_EQ("201 200 201 ", ran.out) << commands << ran.err;
}

TEST_F(ConfigurationOf, IsPrintedSoThatItCanBeReadAgain) {
  const auto file = write("server.toml", std::string(k_nowhere) + "pool = 3\nhold = '7m'\n");
  const Ran printed = run({"--print-config", "--hold", "9m"},
                          {{"BOXOFFICE_SERVER_CONFIG", file}, {"BOXOFFICE_SERVER_QUEUE", "2k"}});
  EXPECT_EQ(0, printed.code) << printed.err;
  EXPECT_THAT(printed.out, HasSubstr("\npool = 3\n"));
  EXPECT_THAT(printed.out, HasSubstr("\nqueue = 2000\n"));
  EXPECT_THAT(printed.out, HasSubstr("\nhold = '9m'\n"));
  EXPECT_THAT(printed.out + printed.err, Not(HasSubstr("sesame")));
  EXPECT_EQ(printed.out, run({"--print-config", "--config", write("again.toml", printed.out)}).out);
}

TEST_F(ConfigurationOf, ADatabaseFileServesAllCommands) {
  const auto secret = write("secret", url_ + "\n");
  const Ran migrated = run({"migrate"}, {{"BOXOFFICE_DATABASE_FILE", secret}});
  EXPECT_EQ(0, migrated.code) << migrated.err;
  const Ran seeded = run({"seed", "--database-file", secret, "--events", "1"});
  EXPECT_EQ(0, seeded.code) << seeded.err;
  RunningServer server(workspace_, "",
                       {"--config", write("server.toml", "database_file = '" + secret + "'\n")});
  EXPECT_EQ(200, server.client().ask("GET", "/readyz").status());
}

TEST_F(ConfigurationOf, SighupReadsTheLogLevelAgain) {
  const auto file = write("server.toml", "log_level = 'error'\npool = 3\n");
  RunningServer server = serve({"--config", file});
  EXPECT_EQ("", server.program().err());
  const auto event = add_event(9);
  write("server.toml", "log_level = 'info'\npool = 4\n");
  ASSERT_TRUE(hang_up(server, R"("message":"Configuration read again","changes":2)"));
  EXPECT_THAT(server.program().err(),
              HasSubstr(R"("Setting changed","setting":"log_level","from":"error","to":"info"})"));
  EXPECT_THAT(
      server.program().err(),
      HasSubstr(R"("Setting changes at the next start","setting":"pool","from":"3","to":"4"})"));
  EXPECT_EQ(201, server.client(tokens_[1]).reserve(event).status());
  EXPECT_TRUE(eventually([&] {
    return server.program().err().find(R"("Reservation attempt")") != std::string::npos;
  })) << "the new level is in effect";
  write("server.toml", "log_level = 'error'\npool = 3\n");
  ASSERT_TRUE(hang_up(server, R"("from":"info","to":"error")"));
  const auto before = server.program().err();
  EXPECT_EQ(201, server.client(tokens_[2]).reserve(event).status());
  server.program().process().signal(SIGTERM);
  EXPECT_EQ(before, server.program().wait().err) << "and so is the old one again";
}

TEST_F(ConfigurationOf, SighupWithAMistakeKeepsTheOldOne) {
  const auto file = write("server.toml", "log_level = 'info'\n");
  RunningServer server = serve({"--config", file});
  write("server.toml", "log_level = 'warn'\npools = 4\n");
  ASSERT_TRUE(hang_up(server, "the old one stays in effect"));
  EXPECT_THAT(server.program().err(), HasSubstr("server.toml:2: unknown key 'pools'"));
  EXPECT_EQ(201, server.client(tokens_[1]).reserve(add_event(9)).status());
  server.program().process().signal(SIGTERM);
  const Ran ran = server.program().wait();
  EXPECT_EQ(0, ran.code);
  EXPECT_THAT(ran.err, HasSubstr(R"("Reservation attempt")")) << "info is still on";
}

TEST_F(ConfigurationOf, ThePoolHasToFitTheDatabase) {
  const Ran ran = run({"--database", url_, "--pool", "201", "--port", "0"});
  EXPECT_EQ(64, ran.code);
  EXPECT_THAT(ran.err, HasSubstr("pool: 201 connections"));
  EXPECT_THAT(ran.err, HasSubstr("max_connections is 200"));
  const std::string warning = "The pool wants more connections than are free";
  RunningServer fits = serve({"--pool", "100"});
  EXPECT_THAT(fits.program().err(), Not(HasSubstr(warning)));
  const Ran second = run({"--database", url_, "--pool", "98", "--port", "0"});
  EXPECT_EQ(69, second.code) << "the database has no room for both: " << second.err;
  EXPECT_THAT(second.err, HasSubstr(warning));
}

}  // namespace
}  // namespace boxoffice::tests
