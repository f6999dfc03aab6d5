// The life of a private server, the same for every product: what was committed outlives a crash of
// the server, two run side by side, and nothing is left of them.
#include "harness/database/private_database.hpp"

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/shm.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "harness/database/small_disk.hpp"
#include "harness/database/sql.hpp"
#include "harness/process/keeper.hpp"
#include "tests/harness/database/servers.hpp"

namespace boxoffice::tests {
namespace {

using harness::PrivateDatabase;
using harness::Sql;
using harness::SqlError;
using ::testing::HasSubstr;

class PrivateServer : public ProductTest {
 protected:
  static std::unique_ptr<PrivateDatabase> start() {
    auto options = k_in_memory;
    options.durability = harness::Durability::full;  // a kill must lose nothing
    return harness::start_private_database(GetParam(), options);
  }
};
INSTANTIATE_TEST_SUITE_P(Products, PrivateServer,
                         ::testing::Values("postgresql", "mariadb", "mysql"), product_of);

TEST_P(PrivateServer, IsWhatItSaysItIs) {
  PrivateDatabase& server = shared_server(GetParam());
  EXPECT_EQ(GetParam(), server.product());
  const std::string said = Sql(server.url()).text("SELECT version()");
  EXPECT_EQ(server.product() == "mariadb", said.find("MariaDB") != std::string::npos) << said;
  EXPECT_EQ(server.product() == "postgresql", said.find("PostgreSQL") != std::string::npos) << said;
}

TEST_P(PrivateServer, AnswersThroughTcpToo) {
  EXPECT_EQ(1, Sql(shared_server(GetParam()).tcp_url()).number("SELECT 1"));
}

TEST_P(PrivateServer, KeepsWhatWasCommittedThroughAKillAndAStop) {
  const auto server = start();
  Sql(server->url()).run("CREATE DATABASE shop");
  Sql(server->url("shop")).run("CREATE TABLE t (id INT); INSERT INTO t VALUES (1)");
  server->kill();
  EXPECT_FALSE(server->server().running());
  EXPECT_THROW(Sql(server->url()), SqlError);
  server->restart();
  EXPECT_EQ(1, Sql(server->url("shop")).number("SELECT count(*) FROM t"));
  Sql(server->url("shop")).run("INSERT INTO t VALUES (2)");
  server->stop();
  server->restart();
  EXPECT_EQ(2, Sql(server->url("shop")).number("SELECT count(*) FROM t"));
}

// What the server cannot write it refuses; with space it goes on, and has lost nothing.
TEST_P(PrivateServer, SurvivesADiskThatIsFull) {
  if (const std::string why = harness::SmallDisk::why_not(); !why.empty())
    GTEST_SKIP() << "NOT TESTED: " << why;
  harness::SmallDisk disk;
  auto options = k_in_memory;
  options.durability = harness::Durability::full;
  options.data_disk = disk.path();
  const auto server = harness::start_private_database(GetParam(), options);
  Sql(server->url()).run("CREATE DATABASE shop");
  Sql sql(server->url("shop"));
  sql.run("CREATE TABLE t (id INT, text VARCHAR(8000)); INSERT INTO t VALUES (0, '')");
  disk.set_full(true);
  int written = 0;
  const auto write_on = [&] {
    for (; written < 10'000; ++written)
      sql.query("INSERT INTO t VALUES (1, repeat($1, 1000))",
                {"abcdefg" + std::to_string(written)});
  };
  EXPECT_THROW(write_on(), SqlError) << "10,000 rows found space on a full disk";
  disk.set_full(false);
  if (!server->server().running()) server->restart();
  EXPECT_EQ(1 + written, Sql(server->url("shop")).number("SELECT count(*) FROM t"));
  Sql(server->url("shop")).run("INSERT INTO t VALUES (2, '')");
}

TEST_P(PrivateServer, LeavesNothing) {
  std::filesystem::path directory;
  pid_t pid = 0;
  {
    const auto one = start();
    directory = one->socket_directory();
    pid = one->server().pid();
    PrivateDatabase& other = shared_server(GetParam());
    EXPECT_NE(one->port(), other.port());
    Sql(one->url()).run("CREATE DATABASE mine");
    EXPECT_THROW(Sql(other.url("mine")), SqlError);
    EXPECT_TRUE(std::filesystem::exists(directory));
  }
  EXPECT_FALSE(std::filesystem::exists(directory));
  EXPECT_NE(0, ::kill(pid, 0));
}

/// The id of the shared memory that a PostgreSQL server keeps, from line 7 of its lock file.
int shared_memory_of(const PrivateDatabase& server) {
  std::ifstream lock_file(server.socket_directory() / "data" / "postmaster.pid");
  std::string line;
  for (int i = 1; i < 7; ++i) std::getline(lock_file, line);
  unsigned long key = 0;
  int id = -1;
  lock_file >> key >> id;
  return id;
}

// What is killed cleans up nothing. A segment that is removed goes with the last process that has
// it: those that the killed server leaves behind take a moment to notice.
TEST(PrivatePostgresqlMemory, GoesWithAServerThatWasKilled) {
  const auto memory_is_there = [](int id) {
    shmid_ds segment{};
    return shmctl(id, IPC_STAT, &segment) == 0 && (segment.shm_perm.mode & SHM_DEST) == 0;
  };
  int id = -1;
  {
    const auto server = harness::start_private_database("postgresql", k_in_memory);
    id = shared_memory_of(*server);
    ASSERT_GE(id, 0);
    EXPECT_TRUE(memory_is_there(id));
    server->kill();
    EXPECT_TRUE(memory_is_there(id));
  }
  EXPECT_FALSE(memory_is_there(id));
}

/// $TMPDIR is a directory that only we may enter, until the end of the scope.
class ClosedTmpdir {
 public:
  ClosedTmpdir() : directory_(before_, "closed") {
    std::filesystem::permissions(directory_.path(), std::filesystem::perms::owner_all);
    setenv("TMPDIR", directory_.path().c_str(), 1);
  }
  ~ClosedTmpdir() { setenv("TMPDIR", before_.c_str(), 1); }

 private:
  std::string before_ = harness::temporary_root().string();
  harness::TemporaryDirectory directory_;
};

TEST_P(PrivateServer, SaysThatItsUserMayNotEnterTmpdir) {
  if (geteuid() != 0) GTEST_SKIP() << "NOT TESTED: it runs as we do, who are not root";
  const ClosedTmpdir closed;
  auto options = k_in_memory;
  EXPECT_NO_THROW(harness::start_private_database(GetParam(), options));
  options.storage = harness::Storage::disk;
  try {
    harness::start_private_database(GetParam(), options);
    FAIL() << "it started where it cannot enter";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("may not write in " + harness::temporary_root().string()));
    EXPECT_THAT(error.what(), HasSubstr("TMPDIR"));
  }
  EXPECT_TRUE(std::filesystem::is_empty(harness::temporary_root()));
}

/// As a service manager or `env -i` starts us.
TEST(PrivateServerOf, MariadbNeedsNoPath) {
  const std::string before = std::getenv("PATH");
  setenv("PATH", "", 1);
  try {
    const auto server = harness::start_private_database("mariadb", k_in_memory);
    EXPECT_EQ("mariadb", server->product());
  } catch (const std::runtime_error& error) {
    ADD_FAILURE() << error.what();
  }
  setenv("PATH", before.c_str(), 1);
}

TEST(PrivateServerOf, AnUnknownProductIsRefused) {
  EXPECT_THAT(harness::why_not_installed("oracle", {}), HasSubstr("postgresql, mariadb, mysql"));
  EXPECT_THROW(harness::start_private_database("oracle", {}), std::runtime_error);
}

TEST(PrivateServerOf, AMysqlRootThatIsNoneIsRefused) {
  EXPECT_THAT(harness::why_not_installed("mysql", {.mysql_root = "/nonexistent"}),
              HasSubstr("/nonexistent"));
}

}  // namespace
}  // namespace boxoffice::tests
