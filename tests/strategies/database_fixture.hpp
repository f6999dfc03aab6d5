// A private server of each product for the whole test program, and a fresh migrated database for
// each test. Tests are parametrised by product, or by product and strategy; their names say which.
//
// MySQL's own server is not in every Debian: where it is not there its instances are not made, and
// one test says so (boxoffice_mysql_test in tests/CMakeLists.txt makes ctest show that).
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "harness/database/private_database.hpp"
#include "harness/database/sql.hpp"
#include "strategies/database.hpp"
#include "strategies/strategy.hpp"

namespace boxoffice::tests {

using namespace std::chrono_literals;

/// In memory, relaxed durability.
harness::PrivateDatabaseOptions server_options();
/// Started at first use, ended with the program.
harness::PrivateDatabase& shared_server(const std::string& product);

/// The products whose server programs are on this machine.
std::vector<std::string> products();
/// Of those, the ones that speak MySQL's protocol.
std::vector<std::string> mysql_products();

class DatabaseTest : public ::testing::Test {
 protected:
  explicit DatabaseTest(const std::string& product);
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
  int lock_waits();

  bool on_postgresql() const { return product_ == "postgresql"; }
  /// The text for the server that the test runs on.
  const char* sql_for(const char* postgresql, const char* mysql) const {
    return on_postgresql() ? postgresql : mysql;
  }
  /// Over TCP as `user` ("ann" or "ann:word"); `more`: "?tls=off" and the like.
  std::string url_as(const std::string& user, const std::string& database,
                     const std::string& more = "") const;
  /// The test's database, over TCP where `port` of this machine leads to its server; without TLS,
  /// so that what passes can be read there.
  std::string url_at(int port) const;
  /// An empty database beside the test's own; returns its URL.
  std::string make_empty_database(const std::string& suffix);

  std::string product_;
  std::string name_;
  std::string url_;
  harness::Sql sql_;
};

/// Once for each product.
class ProductTest : public DatabaseTest, public ::testing::WithParamInterface<std::string> {
 protected:
  ProductTest() : DatabaseTest(GetParam()) {}
};

struct StrategyOn {
  std::string product;
  std::string strategy;
};
/// "mariadb_atomic"; also what a failure prints.
std::string name_of(const ::testing::TestParamInfo<StrategyOn>& test);
void PrintTo(const StrategyOn&, std::ostream*);
/// Every sound strategy on every product, or on those given.
std::vector<StrategyOn> sound_strategies(const std::vector<std::string>& on = products());

/// Once for each of sound_strategies().
class StrategyTest : public DatabaseTest, public ::testing::WithParamInterface<StrategyOn> {
 protected:
  StrategyTest();
  std::unique_ptr<strategies::Strategy> strategy_;
};

/// Names a test by its product.
inline std::string product_of(const ::testing::TestParamInfo<std::string>& test) {
  return test.param;
}

}  // namespace boxoffice::tests
