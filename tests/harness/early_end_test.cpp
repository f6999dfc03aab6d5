// What becomes of a run that ended before its plan did, by what ended it.
#include "harness/early_end.hpp"

#include <gtest/gtest.h>

#include <new>

#include "harness/checked_load.hpp"
#include "harness/database/sql.hpp"
#include "harness/failure.hpp"
#include "harness/process/keeper.hpp"

namespace boxoffice::harness {
namespace {

namespace fs = std::filesystem;

class EarlyEnd : public ::testing::Test {
 protected:
  /// As a command does it that was in the midst of a run.
  template <class Error>
  boost::json::object after(const Error& error) {
    boost::json::object manifest;
    try {
      throw error;
    } catch (const std::exception&) {
      note_early_end(manifest, directory_, live_);
    }
    return manifest;
  }
  const fs::path& path() const { return directory_.path(); }

 private:
  TemporaryDirectory parent_{temporary_root(), "early-end"};
  RunDirectory directory_{parent_.path(), "compare"};
  Live live_{true};
};

TEST_F(EarlyEnd, WhatNobodyForesawIsAnErrorOfTheHarnessAndKeepsTheRun) {
  const auto manifest = after(std::bad_alloc());
  EXPECT_EQ("std::bad_alloc", manifest.at("harness_error").as_string());
  EXPECT_FALSE(manifest.contains("broke_off"));
  EXPECT_EQ(k_exit_internal, code_without_report(manifest));
  EXPECT_TRUE(fs::exists(path()));
}

TEST_F(EarlyEnd, WhatTheRunStandsOnBreaksItOff) {
  EXPECT_EQ("the disk is full", after(EnvironmentBroke("the disk is full")).at("broke_off"));
  EXPECT_EQ("the database: gone", after(SqlError("57P01", "gone")).at("broke_off"));
  const fs::filesystem_error full("rename", "/runs/x",
                                  std::make_error_code(std::errc::no_space_on_device));
  const auto manifest = after(full);
  EXPECT_EQ("/runs/x: No space left on device", manifest.at("broke_off"));
  EXPECT_EQ(k_exit_invalid, code_without_report(manifest));
}

TEST_F(EarlyEnd, AMistakeOfTheUsersLeavesNothingAndGoesOn) {
  EXPECT_THROW(after(UsageError("no such thing")), UsageError);
  EXPECT_FALSE(fs::exists(path()));
}

/// What load/ throws, as what it is to a user.
TEST(CheckedLoad, ErrorsAreTheUsersOrTheMachines) {
  load::LoadPlan plan;
  plan.target = "unix:/nobody";
  plan.get_path = "/livez";
  plan.duration = std::chrono::milliseconds(1);
  plan.connections = 2;
  plan.threads = 3;
  EXPECT_THROW(run_checked_load(plan, {}, {}), UsageError);
  plan.threads = 1;
  plan.history_path = "/nonexistent/history.jsonl";
  EXPECT_THROW(run_checked_load(plan, {}, {}), EnvironmentBroke);
}

}  // namespace
}  // namespace boxoffice::harness
