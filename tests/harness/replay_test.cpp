// The command that a failure prints must lead to the same trial, and tell no password.
#include "harness/commands/replay.hpp"

#include <gtest/gtest.h>

namespace boxoffice::harness {
namespace {

TEST(Replay, WhatIsTheDefaultIsNotSaid) {
  EXPECT_EQ(replay_command({.strategy = "naive", .scenario = "verify-rush", .seed = 7}, {}),
            "boxoffice verify --strategy naive --scenarios verify-rush --seed 7 --time 0s");
}

TEST(Replay, WhatDecidesBesideTheSeedIsSaid) {
  DatabaseChoice database;
  database.database = "mariadb";
  database.durability = Durability::relaxed;
  database.storage = Storage::memory;
  EXPECT_EQ(replay_command({.strategy = "atomic",
                            .scenario = "verify-churn",
                            .seed = 8,
                            .pool = 5,
                            .threads = 2,
                            .fault = "delay"},
                           database),
            "boxoffice verify --strategy atomic --scenarios verify-churn --seed 8 --time 0s"
            " --database mariadb --durability relaxed --storage memory --pool 5 -t 2"
            " --faults delay");
}

TEST(Replay, WhichServerItWasIsSaidInAWordThatAShellTakes) {
  DatabaseChoice database;
  database.database = "mysql";
  database.postgresql_binaries = "/opt/postgresql 17/bin";
  database.mysql_root = "/srv/mysql-root";
  EXPECT_EQ(replay_command({.strategy = "atomic", .scenario = "my sale.toml", .seed = 8}, database),
            "boxoffice verify --strategy atomic --scenarios 'my sale.toml' --seed 8 --time 0s"
            " --database mysql --postgresql-bin '/opt/postgresql 17/bin'"
            " --mysql-root /srv/mysql-root");
}

TEST(Replay, APasswordStaysInItsVariable) {
  DatabaseChoice database;
  database.database = "postgresql://buyer:secret@127.0.0.1/tickets";
  const std::string command = replay_command({.strategy = "atomic", .scenario = "s"}, database);
  EXPECT_EQ(command.find("secret"), std::string::npos);
  EXPECT_NE(command.find(" --database \"$BOXOFFICE_DATABASE\""), std::string::npos);
}

}  // namespace
}  // namespace boxoffice::harness
