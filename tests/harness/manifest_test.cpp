// No password gets into a run directory, wherever in a --database it stands.
#include "harness/manifest.hpp"

#include <gtest/gtest.h>

namespace boxoffice::harness {
namespace {

TEST(WithoutPassword, KeepsTheRest) {
  EXPECT_EQ("mysql://ann:***@h:1/x?tls=off", without_password("mysql://ann:sesame@h:1/x?tls=off"));
  EXPECT_EQ("--database=postgresql://ann:***@h/x",
            without_password("--database=postgresql://ann:sesame@h/x"));
  EXPECT_EQ("postgresql://ann@h/x?password=***&a=b",
            without_password("postgresql://ann@h/x?password=sesame&a=b"));
}

TEST(WithoutPassword, LeavesAloneWhatHasNone) {
  for (const char* text : {"mariadb", "postgresql,mariadb", "mysql://ann@h:3306/x?socket=/a:b@c",
                           "postgresql://h1:1,h2:2/x", "http://127.0.0.1:80"}) {
    EXPECT_EQ(text, without_password(text));
  }
}

TEST(WithoutPassword, LooksIntoEachUrlOfAList) {
  EXPECT_EQ("mariadb,mysql://a:***@h/x,postgresql://b:***@h1,h2/y,mysql",
            without_password("mariadb,mysql://a:one@h/x,postgresql://b:two@h1,h2/y,mysql"));
}

}  // namespace
}  // namespace boxoffice::harness
