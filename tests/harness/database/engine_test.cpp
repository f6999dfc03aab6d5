// What a server is called, and which databases a --database means.
#include "harness/database/engine.hpp"

#include <gmock/gmock.h>

#include "harness/database/test_database.hpp"
#include "harness/failure.hpp"

namespace boxoffice::harness {
namespace {

using ::testing::ElementsAre;

struct Said {
  SqlDialect dialect;
  const char *version, *product, *name;
};

class ServerNameOf : public ::testing::TestWithParam<Said> {};
INSTANTIATE_TEST_SUITE_P(
    Servers, ServerNameOf,
    ::testing::Values(
        Said{SqlDialect::postgresql, "PostgreSQL 15.18 (Debian 15.18-0) on x86_64", "postgresql",
             "PostgreSQL 15.18"},
        Said{SqlDialect::postgresql, "PostgreSQL 18beta1", "postgresql", "PostgreSQL 18beta1"},
        Said{SqlDialect::mysql, "10.11.19-MariaDB-0+deb12u1", "mariadb", "MariaDB 10.11.19"},
        Said{SqlDialect::mysql, "5.5.5-10.6.4-MariaDB", "mariadb", "MariaDB 10.6.4"},
        Said{SqlDialect::mysql, "9.7.4-2", "mysql", "MySQL 9.7.4"},
        Said{SqlDialect::mysql, "8.0.36", "mysql", "MySQL 8.0.36"}));

TEST_P(ServerNameOf, IsWhatItSaysOfItself) {
  const ServerName name = server_name(GetParam().dialect, GetParam().version);
  EXPECT_EQ(GetParam().product, name.product);
  EXPECT_EQ(GetParam().name, name.version);
}

std::vector<std::string> databases_in(const std::string& list) {
  std::vector<std::string> databases;
  for (const DatabaseChoice& choice : each_of({.database = list,
                                      .storage = Storage::memory,
                                      .postgresql_binaries = {},
                                      .mysql_root = {}})) {
    EXPECT_EQ(Storage::memory, choice.storage);
    databases.push_back(choice.database);
  }
  return databases;
}

TEST(Databases, OfAListAreParted) {
  EXPECT_THAT(databases_in("postgresql"), ElementsAre("postgresql"));
  EXPECT_THAT(databases_in("postgresql,mariadb,mysql"),
              ElementsAre("postgresql", "mariadb", "mysql"));
  EXPECT_THAT(databases_in("mariadb,mysql://root@h:1/x?tls=off,postgresql"),
              ElementsAre("mariadb", "mysql://root@h:1/x?tls=off", "postgresql"));
}

TEST(Databases, MayHaveCommasInTheirUrls) {
  EXPECT_THAT(databases_in("postgresql://a@h1,h2/x,mariadb"),
              ElementsAre("postgresql://a@h1,h2/x", "mariadb"));
}

TEST(Databases, AreNotPartedWhereNoneIsMeant) {
  EXPECT_THAT(databases_in("postgresql,oracle"), ElementsAre("postgresql,oracle"));
  EXPECT_THAT(databases_in(",mariadb"), ElementsAre("", "mariadb"));
}

TEST(Databases, AreThereOnce) {
  EXPECT_THROW(databases_in("mariadb,postgresql,mariadb"), UsageError);
}

}  // namespace
}  // namespace boxoffice::harness
