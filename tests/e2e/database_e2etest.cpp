// boxoffice db: private databases that a person starts, finds and stops.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "harness/process/signature.hpp"
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
  const Family family = family_with(database, "/postgres -D");
  const std::string url = database.out().substr(0, database.out().find('\n'));
  EXPECT_THAT(db({"show"}).out, HasSubstr(fmt::format("{}\tPostgreSQL", database.pid())));
  EXPECT_THAT(db({"show"}).out, HasSubstr("\t" + url + "\n"));
  const Ran stopped = db({"stop"});
  EXPECT_EQ(0, stopped.code) << stopped.err;
  EXPECT_FALSE(std::filesystem::exists(fmt::format("/proc/{}", family.find("/postgres -D"))))
      << "stopped is said once it is gone";
  EXPECT_EQ(0, database.wait(10s).code);
  EXPECT_THAT(db({"show"}).err, HasSubstr("no private database runs here"));
  expect_empty_tmp();
}

/// Of what a killed one left the process's number may be another's by now; and anybody may write
/// such a directory.
TEST_F(PrivateDatabases, AStrangersProcessIsNeitherShownNorStopped) {
  Program stranger(workspace_, "/bin/sleep", {"60"});
  const auto left = workspace_.tmp() / "boxoffice-db-abcdef";
  std::filesystem::create_directory(left);
  std::ofstream(left / "running") << "postgresql://x\nPostgreSQL 15\n";
  const auto refused = [&](const std::string& who) {
    EXPECT_EQ("", db({"show"}).out) << who;
    expect_one_line(db({"stop"}), 64, "no private database runs here");
    expect_one_line(db({"stop", std::to_string(stranger.pid())}), 64, "no private database has");
    EXPECT_TRUE(stranger.process().running()) << who;
  };
  refused("not signed");
  harness::sign(left);  // by this test
  std::string signature = text_of(left / "boxoffice-owner");
  signature.replace(0, signature.find(' '), std::to_string(stranger.pid()));
  std::ofstream(left / "boxoffice-owner") << signature;
  refused("of a process that began at another time");
  if (geteuid() != 0) return;
  harness::sign(left);
  EXPECT_NE("", db({"show"}).out) << "this test's own would be shown";
  std::filesystem::permissions(left, std::filesystem::perms::all);
  ASSERT_EQ(0, ::chown(left.c_str(), 65534, 65534));
  refused("of somebody else's directory");
}

TEST_F(PrivateDatabases, OneThatDiesIsNotSaidToRun) {
  Program database = start_database();
  wait_for_shown(1);
  const Family family = family_with(database, "/postgres -D");
  ::kill(family.find("/postgres -D"), SIGKILL);
  const Ran ran = database.wait(10s);
  EXPECT_EQ(12, ran.code) << ran.err;
  EXPECT_THAT(ran.err, HasSubstr("ended by itself"));
  EXPECT_THAT(db({"show"}).err, HasSubstr("no private database runs here"));
  expect_empty_tmp();
}

/// With its keeper there is nobody left who could remove it: the next one does.
TEST_F(PrivateDatabases, OneThatWasLeftIsRemovedByTheNext) {
  const auto directories = [this] {
    auto found = entries_of(workspace_.tmp());
    std::erase_if(found, [](const std::filesystem::path& each) {
      return !each.filename().string().starts_with("boxoffice-postgresql-");
    });
    return found;
  };
  const std::vector<std::string> on_disk = {"db", "start", "--storage", "disk"};
  Program killed(workspace_, "boxoffice", on_disk);
  wait_for_shown(1);
  const auto left = directories();
  ASSERT_EQ(1U, left.size());
  std::ifstream children(fmt::format("/proc/{0}/task/{0}/children", killed.pid()));
  for (pid_t child = 0; children >> child;) {
    if (text_of(fmt::format("/proc/{}/comm", child)) == "boxoffice-keep\n") ::kill(child, SIGKILL);
  }
  killed.process().signal(SIGKILL);
  killed.wait(5s);
  ASSERT_EQ(left, directories());
  Program next(workspace_, "boxoffice", on_disk);
  // The old one may be shown for as long as its server takes to end.
  EXPECT_TRUE(eventually([&] { return directories().size() == 1 && directories() != left; }, 20s));
  wait_for_shown(1);
  Program third(workspace_, "boxoffice", on_disk);
  wait_for_shown(2);
  EXPECT_EQ(2U, directories().size()) << "whose owner lives stays";
  for (Program* each : {&next, &third}) each->interrupt();
  for (Program* each : {&next, &third}) EXPECT_EQ(0, each->wait(10s).code);
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
