// A private PostgreSQL for the whole test program, and a fresh migrated database for each test,
// made from a template.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "harness/database/private_postgresql.hpp"
#include "harness/database/sql.hpp"
#include "strategies/database.hpp"
#include "strategies/strategy.hpp"

namespace boxoffice::tests {

using namespace std::chrono_literals;

/// Started at first use, ended with the program.
harness::PrivatePostgresql& shared_postgresql();

class DatabaseTest : public ::testing::Test {
 protected:
  DatabaseTest();
  ~DatabaseTest() override;

  std::unique_ptr<strategies::Connection> connect(
      const strategies::SessionLimits& limits = {}) const;
  strategies::EventId add_event(std::int64_t tickets);
  strategies::UserId add_user();
  strategies::ReserveCommand command(strategies::EventId event, strategies::UserId user,
                                     std::chrono::microseconds hold = 5min,
                                     std::int64_t quantity = 1);
  std::int64_t available(strategies::EventId event);
  std::int64_t version(strategies::EventId event);
  /// available + what is reserved and purchased, which must be the total.
  void expect_identity(strategies::EventId event);
  /// Polls until `sql` gives 1; fails the test after 10 s.
  void wait_until(const std::string& sql);
  /// Waits until that many sessions of this database wait for a lock.
  void wait_for_lock_waits(int sessions);

  std::string name_;
  std::string url_;
  harness::Sql sql_;
};

/// Names a parametrised test by its strategy.
inline std::string strategy_of(const ::testing::TestParamInfo<const char*>& test) {
  return test.param;
}

/// The same, once for each sound strategy.
class StrategyTest : public DatabaseTest, public ::testing::WithParamInterface<const char*> {
 protected:
  StrategyTest();
  std::unique_ptr<strategies::Strategy> strategy_;
};

}  // namespace boxoffice::tests
