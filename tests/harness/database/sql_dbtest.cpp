// One SQL connection for every engine: the same parameters, NULLs, texts and errors.
#include "harness/database/sql.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/harness/database/servers.hpp"

namespace boxoffice::tests {
namespace {

using harness::Sql;
using harness::SqlDialect;
using harness::SqlError;
using harness::SqlRow;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class SqlOn : public ProductTest {
 protected:
  static Sql connect() { return Sql(shared_server(GetParam()).url()); }
  static bool on_postgresql() { return std::string(GetParam()) == "postgresql"; }
  static std::string code_of(Sql& sql, const std::string& statement) {
    try {
      sql.query(statement);
      return "no error";
    } catch (const SqlError& error) {
      EXPECT_STRNE("", error.what());
      return error.code();
    }
  }
};
INSTANTIATE_TEST_SUITE_P(Products, SqlOn, ::testing::Values("postgresql", "mariadb", "mysql"),
                         product_of);

TEST_P(SqlOn, KnowsItsDialect) {
  EXPECT_EQ(on_postgresql() ? SqlDialect::postgresql : SqlDialect::mysql, connect().dialect());
}

TEST_P(SqlOn, GivesTextsAndNulls) {
  Sql sql = connect();
  EXPECT_THAT(sql.query("SELECT 7, NULL, 'it''s $1', ''"),
              ElementsAre(SqlRow{"7", std::nullopt, "it's $1", ""}));
  EXPECT_THAT(sql.query("SELECT 1 WHERE 1 = 2"), ElementsAre());
}

TEST_P(SqlOn, TakesParametersInAnyOrderAndTwice) {
  Sql sql = connect();
  const std::string text =
      on_postgresql() ? "$2::text || $1::text || $2::text || '$1'" : "concat($2, $1, $2, '$1')";
  EXPECT_EQ("b-a-b$1", sql.text("SELECT " + text, {"-a-", "b"}));
}

TEST_P(SqlOn, TakesLongTextsAndManyRows) {
  Sql sql = connect();
  sql.run(on_postgresql() ? "CREATE TEMPORARY TABLE notes (id BIGINT, note TEXT)"
                          : "CREATE TEMPORARY TABLE notes (id BIGINT, note TEXT CHARSET utf8mb4)");
  const std::string longest(30'000, 'x');
  sql.query("INSERT INTO notes VALUES ($1, $2)", {"9007199254740993", longest});
  sql.query("INSERT INTO notes VALUES ($1, $2)", {"2", "\xc3\xa4\xf0\x9f\x8e\xab"});
  const auto rows = sql.query("SELECT id, note FROM notes WHERE id > $1 ORDER BY id", {"1"});
  EXPECT_THAT(rows, ElementsAre(SqlRow{"2", "\xc3\xa4\xf0\x9f\x8e\xab"},
                                SqlRow{"9007199254740993", longest}));
  EXPECT_EQ(9007199254740993,
            sql.number("SELECT id FROM notes WHERE id = $1", {"9007199254740993"}));
}

TEST_P(SqlOn, RunsSeveralStatementsUntilOneFails) {
  Sql sql = connect();
  EXPECT_THROW(sql.run("CREATE TEMPORARY TABLE t (id INT); INSERT INTO t VALUES (1);"
                       " INSERT INTO nowhere VALUES (1); INSERT INTO t VALUES (2)"),
               SqlError);
  EXPECT_EQ(1, sql.number("SELECT 1"));  // the connection is still of use
}

TEST_P(SqlOn, SpeaksUtcAndReadCommitted) {
  Sql sql = connect();
  if (on_postgresql()) {
    EXPECT_EQ("read committed", sql.text("SHOW transaction_isolation"));
    return;
  }
  const std::string variable =
      std::string(GetParam()) == "mariadb" ? "@@tx_isolation" : "@@transaction_isolation";
  EXPECT_EQ("READ-COMMITTED", sql.text("SELECT " + variable));
  EXPECT_EQ("+00:00", sql.text("SELECT @@time_zone"));
  EXPECT_EQ("utf8mb4", sql.text("SELECT @@character_set_connection"));
}

TEST_P(SqlOn, NamesErrorsAsTheServerDoes) {
  Sql sql = connect();
  EXPECT_EQ(on_postgresql() ? "42P01" : "1146", code_of(sql, "SELECT * FROM nowhere"));
  EXPECT_EQ(on_postgresql() ? "42601" : "1064", code_of(sql, "SELEKT 1"));
  EXPECT_THROW(sql.number("SELECT 1 WHERE 1 = 2"), SqlError);
}

TEST_P(SqlOn, SaysWhyItCannotConnect) {
  try {
    Sql(on_postgresql() ? "postgresql://nobody@127.0.0.1:1/x" : "mysql://nobody@127.0.0.1:1/x");
    FAIL() << "connected";
  } catch (const SqlError& error) {
    EXPECT_EQ(on_postgresql() ? "08000" : "2002", error.code());
  }
}

TEST_P(SqlOn, RefusesWrongCredentials) {
  if (on_postgresql()) GTEST_SKIP() << "the private PostgreSQL trusts everybody";
  try {
    Sql(fmt::format("mysql://root:wrong@127.0.0.1:{}/mysql", shared_server(GetParam()).port()));
    FAIL() << "connected";
  } catch (const SqlError& error) {
    EXPECT_EQ("1045", error.code());
    EXPECT_THAT(error.what(), HasSubstr("Access denied"));
  }
}

// MySQL's accounts log in by caching_sha2_password, MariaDB's by mysql_native_password.
TEST_P(SqlOn, LogsInWithAPasswordWithAndWithoutTls) {
  if (on_postgresql()) GTEST_SKIP() << "the private PostgreSQL trusts everybody";
  const bool mariadb = std::string(GetParam()) == "mariadb";
  connect().run("CREATE USER 'ann'@'127.0.0.1' IDENTIFIED BY 's:s@me'");
  const std::string url =
      fmt::format("mysql://ann:s%3As%40me@127.0.0.1:{}/?", shared_server(GetParam()).port());
  EXPECT_EQ("ann@127.0.0.1", Sql(url).text("SELECT current_user()"));
  if (mariadb) {  // has no certificate, so that what was asked for cannot be had
    EXPECT_THROW(Sql(url + "tls=required"), SqlError);
  } else {
    Sql encrypted(url + "tls=required");
    EXPECT_NE("", encrypted.query("SHOW STATUS LIKE 'Ssl_cipher'").at(0).at(1));
    EXPECT_EQ("", Sql(url).query("SHOW STATUS LIKE 'Ssl_cipher'").at(0).at(1));
  }
  EXPECT_THROW(Sql(url + "tls=verify-full"), SqlError);  // MySQL signs its own
}

TEST(SqlUrl, OfAnotherSchemeIsRefused) {
  EXPECT_THROW(Sql("oracle://a@b/c"), SqlError);
}

}  // namespace
}  // namespace boxoffice::tests
