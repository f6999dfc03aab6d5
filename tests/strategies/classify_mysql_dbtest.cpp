// P8 on MariaDB and MySQL: each error number that matters, provoked on a real server and read
// through the classifier. The two differ in four of them.
#include <fmt/format.h>

#include <future>

#include "strategies/classify.hpp"
#include "strategies/failure.hpp"
#include "strategies/registry.hpp"
#include "strategies/session.hpp"
#include "strategies/steps.hpp"
#include "tests/strategies/database_fixture.hpp"

namespace boxoffice::tests {

using namespace strategies;

class ClassifyMysql : public ProductTest {
 protected:
  std::unique_ptr<Connection> connection_ = connect({.lock_timeout = 1s});

  bool on_mariadb() const { return product_ == "mariadb"; }

  DatabaseError provoke(const std::string& sql) {
    try {
      Transaction transaction(*connection_);
      execute(transaction, portable(sql.c_str(), sql.c_str()), {});
    } catch (...) {
      return classify_current_exception();
    }
    ADD_FAILURE() << "no error: " << sql;
    return {};
  }

  void expect(ErrorKind kind, const char* code, const DatabaseError& error) {
    EXPECT_EQ(kind, error.kind) << error.what;
    EXPECT_EQ(code, error.code) << error.what;
  }
};
INSTANTIATE_TEST_SUITE_P(On, ClassifyMysql, ::testing::ValuesIn(mysql_products()), product_of);

TEST_P(ClassifyMysql, LockTimeoutIs1205) {
  const EventId event = add_event(1);
  sql_.run(fmt::format("BEGIN; UPDATE events SET name = 'x' WHERE id = {}", event.value));
  expect(ErrorKind::lock_timeout, "1205", provoke("UPDATE events SET name = 'y'"));
}

// What InnoDB says where the disk is full, from a table in memory that is.
TEST_P(ClassifyMysql, AFullTableIs1114) {
  sql_.run("SET SESSION max_heap_table_size = 16384");
  sql_.run("CREATE TABLE small (text CHAR(250)) ENGINE = MEMORY");
  expect(ErrorKind::no_space, "no_space",
         provoke("INSERT INTO small SELECT repeat('x', 250) FROM information_schema.columns"));
}

TEST_P(ClassifyMysql, NowaitIs3572OnMysqlAnd1205OnMariadb) {
  const EventId event = add_event(1);
  sql_.run(fmt::format("BEGIN; UPDATE events SET name = 'x' WHERE id = {}", event.value));
  expect(ErrorKind::lock_timeout, on_mariadb() ? "1205" : "3572",
         provoke("SELECT id FROM events FOR UPDATE NOWAIT"));
}

TEST_P(ClassifyMysql, StatementTimeoutIs1969OnMariadbAnd3024OnMysql) {
  connection_ = connect({.statement_timeout = 400ms});
  expect(ErrorKind::statement_timeout, on_mariadb() ? "1969" : "3024",
         provoke("SELECT count(*) FROM information_schema.columns a, information_schema.columns b,"
                 " information_schema.columns c WHERE a.column_name <> b.column_name"));
}

TEST_P(ClassifyMysql, AKilledStatementIs1317) {
  const auto patient = connect();
  const std::int64_t backend = patient->session().backend();
  auto sleeping = std::async(std::launch::async, [&] {
    try {
      execute(*patient,
              portable("long",
                       "SELECT count(*) FROM information_schema.columns a,"
                       " information_schema.columns b,"
                       " information_schema.columns c"
                       " WHERE a.column_name <> b.column_name"),
              {});
    } catch (...) {
      return classify_current_exception();
    }
    return DatabaseError{};
  });
  wait_until(
      fmt::format("SELECT count(*) FROM information_schema.processlist WHERE id = {} AND"
                  " command = 'Execute'",
                  backend));
  sql_.run(fmt::format("KILL QUERY {}", backend));
  expect(ErrorKind::statement_timeout, "1317", sleeping.get());
}

TEST_P(ClassifyMysql, DuplicateIs1062) {
  add_user();
  expect(ErrorKind::unique_violation, "1062",
         provoke("INSERT INTO users (name, email, password) SELECT name, email, password FROM "
                 "users"));
}

TEST_P(ClassifyMysql, CheckViolationIs4025OnMariadbAnd3819OnMysql) {
  add_event(1);
  expect(ErrorKind::check_violation, on_mariadb() ? "4025" : "3819",
         provoke("UPDATE events SET available_tickets = -1"));
}

TEST_P(ClassifyMysql, ASnapshotThatIsOutOfDateIs1020OnMariadb) {
  if (!on_mariadb()) GTEST_SKIP() << "MariaDB's snapshot isolation only";
  add_event(5);
  try {
    execute(*connection_,
            portable("iso", "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ"), {});
    execute(*connection_, portable("snap", "SET SESSION innodb_snapshot_isolation = ON"), {});
    Transaction transaction(*connection_);
    execute(transaction, portable("read", "SELECT version FROM events"), {});
    sql_.run("UPDATE events SET version = version + 1");
    execute(transaction, portable("write", "UPDATE events SET version = version + 1"), {});
    FAIL() << "no error";
  } catch (...) {
    expect(ErrorKind::conflict, "conflict", classify_current_exception());
  }
}

TEST_P(ClassifyMysql, DeadlockIs1213) {
  const auto patient = connect();
  const EventId a = add_event(1), b = add_event(1);
  Transaction transaction(*patient);
  ASSERT_TRUE(lock_event(transaction, a));
  harness::Sql other(url_);
  other.run(fmt::format("BEGIN; SELECT 1 FROM events WHERE id = {} FOR UPDATE", b.value));
  auto crossing = std::async(std::launch::async, [&] {
    try {
      other.run(fmt::format("SELECT 1 FROM events WHERE id = {} FOR UPDATE; ROLLBACK", a.value));
      return std::string();
    } catch (const harness::SqlError& error) {
      return error.code();
    }
  });
  wait_for_lock_waits(1);
  std::string ours;
  try {
    lock_event(transaction, b);
    transaction.commit();
  } catch (...) {
    const DatabaseError error = classify_current_exception();
    EXPECT_EQ(ErrorKind::deadlock, error.kind) << error.what;
    EXPECT_EQ("deadlock", error.code);
    ours = "1213";
  }
  EXPECT_EQ("1213", ours + crossing.get()) << "one of the two is the victim";
}

}  // namespace boxoffice::tests
