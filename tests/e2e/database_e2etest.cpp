// boxoffice db: private databases that a person starts, finds and stops.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>

#include "tests/e2e/harness_run.hpp"

namespace boxoffice::tests {
namespace {

using ::testing::HasSubstr;

class PrivateDatabases : public HarnessTest {
 protected:
  Program start_database() {
    return Program(workspace_, "boxoffice", {"db", "start", "--storage", "memory"});
  }
  Ran db(const std::vector<std::string>& words) {
    std::vector<std::string> arguments = {"db"};
    arguments.insert(arguments.end(), words.begin(), words.end());
    return run_program(workspace_, "boxoffice", arguments);
  }
  void wait_for_shown(std::size_t count) {
    const auto give_up = std::chrono::steady_clock::now() + 20s;
    while (true) {
      const std::string shown = db({"show"}).out;
      if (static_cast<std::size_t>(std::ranges::count(shown, '\n')) == count) return;
      ASSERT_LT(std::chrono::steady_clock::now(), give_up) << shown;
    }
  }
};

TEST_F(PrivateDatabases, OneIsShownAndStoppedWithoutItsNumber) {
  Program database = start_database();
  wait_for_shown(1);
  const std::string url = database.out().substr(0, database.out().find('\n'));
  EXPECT_THAT(db({"show"}).out, HasSubstr(fmt::format("{}\tPostgreSQL", database.pid())));
  EXPECT_THAT(db({"show"}).out, HasSubstr("\t" + url + "\n"));
  const Ran stopped = db({"stop"});
  EXPECT_EQ(0, stopped.code) << stopped.err;
  EXPECT_EQ(0, database.wait(10s).code);
  EXPECT_THAT(db({"show"}).err, HasSubstr("no private database runs here"));
  expect_empty_tmp();
}

TEST_F(PrivateDatabases, OfSeveralOneMustBeNamed) {
  Program first = start_database(), second = start_database();
  wait_for_shown(2);
  expect_one_line(db({"stop"}), 64, "2 private databases run here");
  expect_one_line(db({"stop", "1"}), 64, "no private database has the number 1");
  EXPECT_EQ(0, db({"stop", std::to_string(second.pid())}).code);
  EXPECT_EQ(0, second.wait(10s).code);
  EXPECT_EQ(0, db({"stop"}).code);
  EXPECT_EQ(0, first.wait(10s).code);
  expect_one_line(db({"stop"}), 64, "no private database runs here");
  expect_empty_tmp();
}

}  // namespace
}  // namespace boxoffice::tests
