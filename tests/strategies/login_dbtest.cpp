// Logging in to a database: what is refused is said in one line without the password, and changes
// nothing; TLS is as it was asked for, or there is no connection.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "strategies/failure.hpp"
#include "strategies/migrate.hpp"
#include "strategies/registry.hpp"
#include "strategies/statement.hpp"
#include "tests/certificates.hpp"
#include "tests/strategies/database_fixture.hpp"

namespace boxoffice::tests {

using namespace strategies;

class LogIn : public ProductTest {
 protected:
  std::string failure_of(const std::string& url) {
    try {
      migrate(Database(url));
    } catch (const Failure& failure) {
      return failure.what();
    }
    return "no failure";
  }
};

INSTANTIATE_TEST_SUITE_P(On, LogIn, ::testing::ValuesIn(products()), product_of);

TEST_P(LogIn, ADatabaseThatIsNotThereIsSaidInOneLine) {
  const std::string why = failure_of(url_as(on_postgresql() ? "postgres" : "root", "nowhere"));
  EXPECT_THAT(why, ::testing::HasSubstr("nowhere"));
  EXPECT_EQ(std::string::npos, why.find('\n'));
}

TEST_P(LogIn, AUserWithoutRightsChangesNothing) {
  if (on_postgresql()) {
    sql_.run("CREATE ROLE guest_" + name_ + " LOGIN");
  } else {
    sql_.run(
        fmt::format("CREATE USER guest_{0}@'127.0.0.1' IDENTIFIED BY 'word';"
                    "GRANT SELECT ON {0}.* TO guest_{0}@'127.0.0.1'",
                    name_));
  }
  sql_.run("DELETE FROM schema_migrations");
  const std::string why =
      failure_of(url_as("guest_" + name_ + (on_postgresql() ? "" : ":word"), name_));
  EXPECT_THAT(why, ::testing::ContainsRegex("permission denied|denied to user"));
  EXPECT_EQ(0, sql_.number("SELECT count(*) FROM schema_migrations"));
}

TEST_P(LogIn, AWrongPasswordIsSaidAndIsNotInTheMessage) {
  if (on_postgresql()) GTEST_SKIP() << "the private PostgreSQL trusts everybody on loopback";
  sql_.run(fmt::format("CREATE USER ann_{}@'127.0.0.1' IDENTIFIED BY 'right'", name_));
  const std::string why = failure_of(url_as(fmt::format("ann_{}:wr0ng", name_), name_));
  EXPECT_THAT(why, ::testing::HasSubstr("Access denied"));
  EXPECT_THAT(why, ::testing::Not(::testing::HasSubstr("wr0ng")));
}

// The other names lead to the server too, but are not what its certificate is for. libpq takes
// 127.1 for an address, and libmariadb localhost for a socket.
TEST_P(LogIn, TlsChecksAuthorityAndName) {
  const harness::TemporaryDirectory files(harness::temporary_root(), "certificates");
  const Authority ours(files.path(), "ours"), other(files.path(), "other");
  const auto issued = ours.issue("server", "IP:127.0.0.1");
  auto options = server_options();
  options.tls_certificate = issued.certificate;
  options.tls_key = issued.key;
  const auto server = harness::start_private_database(product_, options);
  harness::Sql(server->url()).run("CREATE DATABASE encrypted");
  const auto url = [&](const std::string& host, const std::filesystem::path& authority) {
    return fmt::format(
        fmt::runtime(sql_for("postgresql://postgres@{}:{}/encrypted?sslmode=verify-full"
                             "&sslrootcert={}",
                             "mysql://root@{}:{}/encrypted?tls=verify-full&ca={}")),
        host, server->port(), authority.string());
  };
  const auto connection = Database(url("127.0.0.1", ours.certificate())).connect();
  static constexpr Statement k_cipher = {
      "cipher", "SELECT pid, cipher FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
      "SHOW SESSION STATUS LIKE 'Ssl_cipher'"};
  EXPECT_NE("", execute(*connection, k_cipher, {}).rows.front().text(1));
  const auto expect_refusal = [&](const std::string& refused, const char* why) {
    const std::string said = failure_of(refused);
    EXPECT_THAT(said, ::testing::ContainsRegex(why)) << refused;
    EXPECT_EQ(std::string::npos, said.find('\n')) << said;
  };
  EXPECT_EQ("no failure", failure_of(url("127.0.0.1", ours.certificate())));
  expect_refusal(url("127.0.0.1", other.certificate()), "certificate");
  expect_refusal(url(sql_for("localhost", "127.1"), ours.certificate()),
                 sql_for("does not match host name \"localhost\"",
                         "certificate|Hostname verification failed"));
}

// The private MariaDB has no certificate, and so no TLS.
TEST_P(LogIn, TlsThatWasAskedForIsNotLeftOut) {
  if (product_ != "mariadb") GTEST_SKIP() << "the one that offers no TLS";
  EXPECT_EQ("no failure", failure_of(url_as("root", name_, "?tls=off")));
  EXPECT_THAT(failure_of(url_as("root", name_, "?tls=required")), ::testing::HasSubstr("TLS"));
  EXPECT_THAT(failure_of(url_as("root", name_, "?tls=verify-full")), ::testing::HasSubstr("TLS"));
}

// MySQL's way to log in, which MariaDB 10.11 does not have: over TLS the password travels as it is,
// without TLS under the server's public key.
TEST_P(LogIn, CachingSha2WithAndWithoutTls) {
  if (product_ != "mysql") GTEST_SKIP() << "MySQL's way to log in";
  sql_.run(
      fmt::format("CREATE USER sha_{0}@'127.0.0.1' IDENTIFIED WITH caching_sha2_password BY"
                  " 'word'; GRANT ALL ON {0}.* TO sha_{0}@'127.0.0.1'",
                  name_));
  for (const char* tls : {"?tls=off", "?tls=required", "?tls=off"}) {
    const auto connection =
        Database(url_as(fmt::format("sha_{}:word", name_), name_, tls)).connect();
    static constexpr Statement k_cipher =
        portable("cipher", "SHOW SESSION STATUS LIKE 'Ssl_cipher'");
    const bool encrypted = !execute(*connection, k_cipher, {}).rows.front().text(1).empty();
    EXPECT_EQ(tls == std::string("?tls=required"), encrypted) << tls;
  }
  EXPECT_THAT(failure_of(url_as(fmt::format("sha_{}:word", name_), name_, "?tls=verify-full")),
              ::testing::ContainsRegex("[Cc]ertificate|SSL"))
      << "the server's certificate is its own";
}

}  // namespace boxoffice::tests
