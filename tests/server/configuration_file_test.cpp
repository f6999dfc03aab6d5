// The TOML file of the server: under the environment and the flags, every mistake with its line,
// and what --print-config prints can be read again and keeps the password to itself.
#include "server/configuration_file.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include "server/settings.hpp"
#include "strategies/failure.hpp"

namespace boxoffice::server {
namespace {

using namespace std::chrono_literals;
using strategies::ConfigurationError;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* k_url = "database = 'postgresql://u@127.0.0.1/x'\n";

class ConfigurationFile : public ::testing::Test {
 protected:
  ConfigurationFile()
      : directory_(std::filesystem::path(::testing::TempDir()) /
                   fmt::format("configuration-{}", ::getpid())) {
    std::filesystem::create_directory(directory_);
  }
  ~ConfigurationFile() override { std::filesystem::remove_all(directory_); }

  std::string file(const std::string& text, const std::string& name = "server.toml") const {
    std::ofstream(directory_ / name) << text;
    return (directory_ / name).string();
  }
  Configuration read(const std::string& text,
                     std::vector<std::pair<std::string, std::string>> flags = {}) const {
    return read_configuration({Command::serve, file(text), std::move(flags)});
  }
  /// What is said about a mistake; empty where there is none.
  std::string refusal(const std::string& text,
                      std::vector<std::pair<std::string, std::string>> flags = {}) const {
    try {
      read(text, std::move(flags));
    } catch (const ConfigurationError& error) {
      return error.what();
    }
    return "";
  }

  std::filesystem::path directory_;
};

TEST_F(ConfigurationFile, IsUnderTheEnvironmentIsUnderFlags) {
  const std::string text = std::string(k_url) + "pool = 3\nqueue = 30\nhold = '3m'\n";
  ::setenv("BOXOFFICE_SERVER_QUEUE", "40", 1);
  ::setenv("BOXOFFICE_SERVER_HOLD", "4m", 1);
  const auto c = read(text, {{"hold", "5m"}});
  ::unsetenv("BOXOFFICE_SERVER_QUEUE");
  ::unsetenv("BOXOFFICE_SERVER_HOLD");
  EXPECT_EQ(c.executor.threads, 3);
  EXPECT_EQ(c.executor.queue, 40);
  EXPECT_EQ(c.hold, 5min);
}

TEST_F(ConfigurationFile, EverySettingCanBePrintedAndReadAgain) {
  const auto given = read(R"(
database = 'postgresql://u:sesame@127.0.0.1/x'
host = '::1'
port = 1
operations_port = 2
port_file = '/tmp/port "quoted"'
io_threads = 3
connections = 4
tls_certificate = '/etc/tls/server.crt'
tls_key = '/etc/tls/server.key'
idle_timeout = '5s'
header_timeout = '6s'
body_timeout = '7s'
write_timeout = '8s'
strategy = 'atomic'
pool = 9
event_concurrency = 'unlimited'
queue = 10
queue_wait = '600ms'
deadline = '11ms'
slow_transaction = '200ms'
hold = '12m'
sweep_interval = '13s'
drain = '14s'
grace = '15s'
event_cache = '700ms'
replica_database = 'postgresql://u:sesame@127.0.0.1:2/x'
replica_lag = '22s'
replica_pool = 23
rate_limit_user = 16
rate_limit_address = 17
rate_limit_logins = 18
trusted_proxies = '10.0.0.0/8'
token_lifetime = '19h'
token_use_interval = '20s'
password_threads = 21
log_level = 'warn'
log_file = '/tmp/log'
exit_with_parent = true
)");
  const std::string printed = to_toml(given, server_settings());
  EXPECT_THAT(printed, Not(HasSubstr("sesame")));
  EXPECT_THAT(printed, HasSubstr("'postgresql://u@127.0.0.1/x'"));
  const auto again = read(printed);
  std::set<std::string> unset;
  for (const Setting& setting : server_settings()) {
    EXPECT_EQ(setting.display(given), setting.display(again)) << setting.key;
    if (!setting.show(given)) unset.insert(setting.key);
    if (setting.show(given) == setting.show(Configuration{})) unset.insert(setting.key);
  }
  EXPECT_EQ(unset, (std::set<std::string>{"database_file", "replica_database_file"}))
      << "the text above has to give each setting a value that is not its default";
  EXPECT_EQ(to_toml(again, server_settings()), printed);
}

TEST_F(ConfigurationFile, MistakesNameTheirLine) {
  const std::vector<std::pair<std::string, std::string>> mistakes{
      {"prot = 1", "unknown key 'prot'"},
      {"pool = '3'", "pool has to be a whole number"},
      {"pool = 3.5", "pool has to be a whole number"},
      {"pool = 0", "pool: '0' is not"},
      {"pool = -1", "pool: '-1' is not"},
      {"hold = 5", "hold has to be a text"},
      {"hold = '5'", "hold: '5' is not a duration"},
      {"exit_with_parent = 'true'", "exit_with_parent has to be true or false"},
      {"event_concurrency = 'many'", "event_concurrency: 'many' is not"},
      {"event_concurrency = true", "event_concurrency has to be"},
      {"strategy = 'naive'", "unknown strategy 'naive'"},
      {"host = 'nowhere at all'", "host: 'nowhere at all' is not an address"},
      {"log_file = ''", "log_file: '' is not"},
      {"log_file = '/nonexistent/log'", "log_file: '/nonexistent/log' is not"},
      {"log_level = 'loud'", "log_level: 'loud' is not"},
      {"users = 5", "unknown key 'users'"},
      {"[pool]\nsize = 5", "pool has to be"},
      {"pool = ", "value"},
      {"pool = 1\npool = 2", "pool"},
  };
  for (const auto& [line, about] : mistakes) {
    const std::string said = refusal(std::string(k_url) + line);
    EXPECT_THAT(said, HasSubstr("server.toml:"));
    EXPECT_THAT(said, HasSubstr(about)) << line;
  }
  EXPECT_THAT(refusal(std::string(k_url) + "\n\nprot = 1"), HasSubstr("server.toml:4: "));
  EXPECT_THAT(refusal("pool = 0\n" + std::string(k_url), {{"pool", "5"}}),
              HasSubstr("server.toml:1: "))
      << "a mistake is one also where a flag is stronger";
}

TEST_F(ConfigurationFile, AFileThatCannotBeReadIsAMistake) {
  for (const std::string& path : {directory_.string(), (directory_ / "none").string()}) {
    EXPECT_THROW(read_configuration({Command::serve, path, {}}), ConfigurationError) << path;
  }
}

TEST_F(ConfigurationFile, TheDatabaseMayBeInAFileOfItsOwn) {
  const std::string secret = file("postgresql://u:sesame@127.0.0.1/x\n", "secret");
  const auto c = read("database_file = '" + secret + "'\n");
  EXPECT_EQ(c.database, "postgresql://u:sesame@127.0.0.1/x");
  const std::string printed = to_toml(c, server_settings());
  EXPECT_THAT(printed, HasSubstr("database_file = '" + secret + "'"));
  EXPECT_THAT(printed, Not(HasSubstr("\ndatabase =")));
  EXPECT_THAT(printed, Not(HasSubstr("sesame")));
  EXPECT_EQ(read(printed).database, c.database);
}

TEST_F(ConfigurationFile, TheStrongerSourceNamesTheDatabase) {
  const std::string secret = file("postgresql://u@127.0.0.1/secret\n", "secret");
  EXPECT_EQ(read(k_url, {{"database_file", secret}}).database, "postgresql://u@127.0.0.1/secret");
  const auto c =
      read("database_file = '/nonexistent'\n", {{"database", "postgresql://u@127.0.0.1/flag"}});
  EXPECT_EQ(c.database, "postgresql://u@127.0.0.1/flag");
  EXPECT_EQ(c.database_file, "");
  EXPECT_THAT(refusal(std::string(k_url) + "database_file = '" + secret + "'\n"),
              HasSubstr("names the database already"));
}

TEST_F(ConfigurationFile, AReplicaIsNamedLikeADatabaseAndIsOfItsEngine) {
  const std::string secret = file("postgresql://u:sesame@127.0.0.1/copy\n", "secret");
  const std::string named = std::string(k_url) + "replica_database_file = '" + secret + "'\n";
  EXPECT_EQ(read(named).replica_database, "postgresql://u:sesame@127.0.0.1/copy");
  EXPECT_EQ(read(named, {{"replica_database", "none"}}).replica_database, "");
  EXPECT_THAT(to_toml(read(named), server_settings()), Not(HasSubstr("sesame")));
  EXPECT_THAT(refusal(named + "replica_database = 'postgresql://u@127.0.0.1/x'\n"),
              HasSubstr("names the replica already"));
  EXPECT_THAT(refusal(std::string(k_url) + "replica_database = 'mysql://u:sesame@127.0.0.1/x'\n"),
              ::testing::AllOf(HasSubstr("another engine"), Not(HasSubstr("sesame"))));
  EXPECT_THAT(refusal(std::string(k_url) + "replica_database = 'sesame'\n"),
              HasSubstr("replica_database"));
}

TEST_F(ConfigurationFile, ASecretIsNeverSaid) {
  for (const char* url :
       {"postgresql://u:ses/ame@127.0.0.1/x", "postgresql://u:ses%ame@127.0.0.1/x",
        "mysql://u:ses/ame@127.0.0.1/x", "mysql://u:ses%ame@127.0.0.1/x", "ses ame"}) {
    const std::string secret = file(std::string(url) + "\n", "secret");
    for (const std::string& said : {refusal(fmt::format("database = '{}'\n", url)),
                                    refusal("database_file = '" + secret + "'\n")}) {
      EXPECT_THAT(said, HasSubstr("server.toml:1: database"));
      EXPECT_THAT(said, Not(::testing::AnyOf(HasSubstr("ses/"), HasSubstr("ses%"),
                                             HasSubstr("'ses'"), HasSubstr("\"ses"))));
    }
  }
  const std::string none = refusal("database_file = '/nonexistent/secret'\n");
  EXPECT_THAT(none, HasSubstr("server.toml:1: database_file: cannot read"));
}

TEST(Settings, HaveOneNameEverywhere) {
  std::set<std::string> names;
  for (const auto list : {server_settings(), seed_settings()}) {
    for (const Setting& setting : list) {
      EXPECT_TRUE(names.insert(setting.flag()).second) << setting.key;
      EXPECT_TRUE(names.insert(setting.environment()).second) << setting.key;
      EXPECT_FALSE(setting.help.empty() || setting.form.empty()) << setting.key;
    }
  }
  const Setting* idle = find_setting(server_settings(), "idle_timeout");
  ASSERT_NE(idle, nullptr);
  EXPECT_EQ(idle->flag(), "--idle-timeout");
  EXPECT_EQ(idle->environment(), "BOXOFFICE_SERVER_IDLE_TIMEOUT");
}

}  // namespace
}  // namespace boxoffice::server
