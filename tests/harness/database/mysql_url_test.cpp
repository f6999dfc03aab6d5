// Which URLs are understood, and what is said of the others.
#include "harness/database/mysql_url.hpp"

#include <gmock/gmock.h>

#include "harness/database/sql.hpp"

namespace boxoffice::harness {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(MysqlUrl, HasItsParts) {
  const MysqlUrl url =
      parse_mysql_url("mysql://ann:p%40ss%3A@db.example:3307/shop?tls=required&ca=/etc/ca.pem");
  EXPECT_EQ("ann", url.user);
  EXPECT_EQ("p@ss:", url.password);
  EXPECT_EQ("db.example", url.host);
  EXPECT_EQ(3307U, url.port);
  EXPECT_EQ("shop", url.name);
  EXPECT_EQ("", url.socket);
  EXPECT_TRUE(url.tls);
  EXPECT_FALSE(url.verify);
  EXPECT_EQ("/etc/ca.pem", url.ca);
}

TEST(MysqlUrl, LeavesOutWhatHasADefault) {
  const MysqlUrl url = parse_mysql_url("mysql://root@/?socket=/run/my.sock");
  EXPECT_EQ("root", url.user);
  EXPECT_EQ("", url.password);
  EXPECT_EQ("localhost", url.host);
  EXPECT_EQ(3306U, url.port);
  EXPECT_EQ("", url.name);
  EXPECT_EQ("/run/my.sock", url.socket);
  EXPECT_FALSE(url.tls);
}

TEST(MysqlUrl, MayAskForTheServersIdentity) {
  const MysqlUrl url = parse_mysql_url("mariadb://ann@db.example/shop?tls=verify-full");
  EXPECT_TRUE(url.tls);
  EXPECT_TRUE(url.verify);
}

struct Bad {
  const char* url;
  const char* about;
};

class BadMysqlUrl : public ::testing::TestWithParam<Bad> {};
INSTANTIATE_TEST_SUITE_P(Urls, BadMysqlUrl,
                         ::testing::Values(Bad{"postgresql://a@b/c", "mysql://"},
                                           Bad{"mysql://localhost/x", "user"},
                                           Bad{"mysql://a:sesame@h:port/x", "port"},
                                           Bad{"mysql://a:sesame@h:70000/x", "port"},
                                           Bad{"mysql://a:sesame@h:3306x/x", "port"},
                                           Bad{"mysql://a:sesame@h/x?tls=maybe", "tls=maybe"},
                                           Bad{"mysql://a:sesame@h/x?charset=utf8", "charset"},
                                           Bad{"mysql://a:sesame%4@h/x", "%"},
                                           Bad{"mysql://a:sesame%zz@h/x", "%"}));

TEST_P(BadMysqlUrl, SaysWhatIsWrongAndKeepsThePasswordToItself) {
  try {
    parse_mysql_url(GetParam().url);
    FAIL() << "was understood";
  } catch (const SqlError& error) {
    EXPECT_EQ("08001", error.code());
    EXPECT_THAT(error.what(), HasSubstr(GetParam().about));
    EXPECT_THAT(error.what(), Not(HasSubstr("sesame")));
  }
}

}  // namespace
}  // namespace boxoffice::harness
