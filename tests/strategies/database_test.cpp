// Opening a database: URLs, servers that are not there, names that are not known.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <tuple>

#include "strategies/engines/mysql_url.hpp"
#include "strategies/engines/mysql_version.hpp"
#include "strategies/engines/postgresql_url.hpp"
#include "strategies/failure.hpp"
#include "strategies/registry.hpp"
#include "strategies/session.hpp"

namespace boxoffice::tests {

using namespace strategies;
using namespace std::chrono_literals;

TEST(NoDatabase, AServerThatIsNotThereIsUnavailableAtOnce) {
  const auto strategy = make_strategy("pessimistic");
  const auto connection = Database("postgresql://nobody@127.0.0.1:1/none").connect();
  try {
    (void)strategy->reserve(*connection, {EventId{1}, UserId{1}, 1, "x", 1s});
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_EQ(FailureCode::database_unavailable, failure.code());
  }
}

TEST(NoDatabase, AMysqlServerThatIsNotThereIsUnavailableAtOnce) {
  const auto connection = Database("mysql://nobody@127.0.0.1:1/none").connect();
  try {
    (void)connection->session();
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_EQ(FailureCode::database_unavailable, failure.code());
  }
}

TEST(NoDatabase, ABadUrlIsAConfigurationError) {
  EXPECT_THROW(Database("oracle://somewhere/x"), ConfigurationError);
  EXPECT_THROW(Database("postgresql://host:notaport:5/x?nonsense=1"), ConfigurationError);
  EXPECT_EQ("postgresql://ann@db.example:5433/tickets",
            Database("postgresql://ann:secret@db.example:5433/tickets").display_url());
}

// What --print-config writes into a file: it had lost sslmode, sslrootcert and the socket's path.
TEST(NoDatabase, AShownUrlLeadsToTheSamePlaceInTheSameWay) {
  for (const std::string url :
       {"postgresql://ann@db.example/x?sslmode=verify-full&sslrootcert=/etc/ca.pem",
        "postgresql://ann@/x?host=/run/postgresql", "postgresql://ann@[fd00::1]:5433/x",
        "postgresql://ann@/x?host=one,two&port=1,2&target_session_attrs=read-write",
        "postgresql://an%2Fn%40@db.example:5433/a%20b?options=-c%20work_mem%3D1MB",
        "postgresql:///x"}) {
    const Conninfo given = read_postgresql_url(url, {});
    EXPECT_EQ(given.text, read_postgresql_url(given.display, {}).text) << given.display;
    EXPECT_EQ(given.display, read_postgresql_url(given.display, {}).display);
  }
  const auto secret = read_postgresql_url("postgresql://u:sesame@h/x?sslpassword=sesame", {});
  EXPECT_EQ("postgresql://u@h/x", secret.display);
}

TEST(NoDatabase, AShownMysqlUrlLeadsToTheSamePlaceInTheSameWay) {
  for (const std::string url : {"mysql://ann@db.example:3306/x?tls=verify-full&ca=/dev/null",
                                "mysql://ann@[fd00::1]:3307/x?tls=required",
                                "mysql://ann@127.0.0.1:3306/x?socket=/run/my%20sqld/a%2Bb.sock",
                                "mysql://an%2Fn%40@db.example:3307/a%20b"}) {
    const MysqlAddress given = read_mysql_url(url), again = read_mysql_url(given.display());
    EXPECT_EQ(url, given.display());
    EXPECT_EQ(
        std::tie(given.host, given.port, given.socket, given.user, given.name, given.tls, given.ca),
        std::tie(again.host, again.port, again.socket, again.user, again.name, again.tls, again.ca))
        << url;
  }
}

TEST(NoDatabase, ABadMysqlUrlIsAConfigurationErrorThatSaysWhat) {
  for (const auto& [url, why] : std::map<std::string, std::string>{
           {"mysql://host/", "names no database"},
           {"mysql://host/x", "names no user"},
           {"mysql://ann@host:99999/x", "port"},
           {"mysql://ann@host/x?nonsense=1", "unknown parameter 'nonsense'"},
           {"mysql://ann@host/x?tls=perhaps", "tls=perhaps"},
           {"mysql://ann@host/x?ca=/dev/null", "ca has nothing to check without tls=verify-full"},
           {"mysql://ann@host/x?tls=verify-full&ca=/not/there", "ca=/not/there: No such file"},
           {"mysql://ann@ho st/x", "mysql://user@host"}}) {
    try {
      Database{url};
      FAIL() << url;
    } catch (const ConfigurationError& error) {
      EXPECT_THAT(error.what(), ::testing::HasSubstr(why)) << url;
    }
  }
  EXPECT_EQ("mysql://ann@db.example:3307/tickets",
            Database("mysql://ann:se%40cret@db.example:3307/tickets").display_url());
}

TEST(NoDatabase, AMistakeInATlsParameterOfPostgresqlIsAConfigurationError) {
  EXPECT_THROW(Database("postgresql://ann@host/x?sslmode=verify-ful"), ConfigurationError);
  EXPECT_THROW(Database("postgresql://ann@host/x?sslmod=verify-full"), ConfigurationError);
  EXPECT_NO_THROW(Database("postgresql://ann@host/x?sslmode=verify-full&sslrootcert=/a/file"));
}

// READ COMMITTED always, and the timeouts that others are computed from.
TEST(NoDatabase, OptionsOfAUrlSetNothingThatTheSessionsRelyOn) {
  for (const auto& [options, name] : std::map<std::string, std::string>{
           {"-c%20lock_timeout%3D0", "lock_timeout"},
           {"-cstatement_timeout%3D0", "statement_timeout"},
           {"--default-transaction-isolation%3Dserializable", "default_transaction_isolation"},
           {"-c%20work_mem%3D1MB%20%20-c%20timezone%3DCET", "timezone"},
           {"-c%20Idle_In_Transaction_Session_Timeout%3D0",
            "idle_in_transaction_session_timeout"}}) {
    try {
      Database{"postgresql://ann@host/x?options=" + options};
      FAIL() << options;
    } catch (const ConfigurationError& error) {
      EXPECT_THAT(error.what(),
                  ::testing::EndsWith("set " + name + ", which this program sets itself"));
    }
  }
  const auto info = read_postgresql_url(
      "postgresql://ann@host/x?options=-c%20search_path%3Dlock_timeout,a%5C%20b%20-c%20"
      "tcp_user_timeout%3D7",
      {});
  EXPECT_THAT(info.text, ::testing::HasSubstr("search_path=lock_timeout,a\\\\ b"));
  const auto own = info.text.find("tcp_user_timeout=7");
  EXPECT_LT(info.text.rfind("-c tcp_user_timeout=", own - 1), own) << "the later one counts";
  EXPECT_GT(info.text.find("-c lock_timeout="), own);
}

TEST(NoDatabase, WhatMayTravelInTheClearIsKnown) {
  for (const char* clear :
       {"postgresql://ann@db.example/x", "postgresql://ann@10.0.0.1/x?sslmode=prefer",
        "postgresql://ann@localhost,db.example/x", "postgresql://ann@localhost/x?hostaddr=10.0.0.1",
        "mysql://ann@db.example/x", "mysql://ann@10.0.0.1/x?tls=off"})
    EXPECT_TRUE(Database(clear).in_the_clear()) << clear;
  for (const char* not_so :
       {"postgresql://ann@127.0.0.1/x", "postgresql://ann@localhost/x",
        "postgresql://ann@/x?host=/run/postgresql", "postgresql://ann@[::1]/x",
        "postgresql://ann@db.example/x?sslmode=require",
        "postgresql://ann@db.example/x?sslmode=verify-full", "mysql://ann@127.0.0.1/x",
        "mysql://ann@db.example/x?socket=/run/mysqld/mysqld.sock",
        "mysql://ann@db.example/x?tls=required", "mysql://ann@db.example/x?tls=verify-full"})
    EXPECT_FALSE(Database(not_so).in_the_clear()) << not_so;
}

TEST(MysqlVersion, MariadbIsNeverCalledMysql) {
  const ServerVersion mariadb = mysql_version("10.11.14-MariaDB-0+deb12u1");
  EXPECT_EQ("mariadb", mariadb.product);
  EXPECT_EQ(10, mariadb.major);
  EXPECT_EQ(11, mariadb.minor);
  EXPECT_EQ("mysql", mysql_version("9.7.0").product);
}

TEST(MysqlVersion, ServersWithoutEnforcedChecksAreRefused) {
  for (const char* old : {"5.7.44-log", "8.0.15", "10.5.23-MariaDB-1:10.5.23", "5.5.68-MariaDB"})
    EXPECT_THROW(require_supported(mysql_version(old)), ConfigurationError) << old;
  for (const char* supported : {"8.0.16", "8.4.3", "9.7.0", "10.6.0-MariaDB", "11.8.3-MariaDB"})
    EXPECT_NO_THROW(require_supported(mysql_version(supported))) << supported;
}

TEST(Registry, BrokenStrategiesAreNotThereUnlessRegistered) {
  EXPECT_THROW(make_strategy("naive"), ConfigurationError);
  EXPECT_THROW(make_strategy(""), ConfigurationError);
}

}  // namespace boxoffice::tests
