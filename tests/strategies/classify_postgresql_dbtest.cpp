// P8 on PostgreSQL: each SQLSTATE that matters, provoked on a real server and read through the
// classifier.
#include <fmt/format.h>

#include <future>

#include "strategies/classify.hpp"
#include "strategies/failure.hpp"
#include "strategies/registry.hpp"
#include "strategies/session.hpp"
#include "strategies/statement.hpp"
#include "strategies/steps.hpp"
#include "tests/strategies/database_fixture.hpp"

namespace boxoffice::tests {

using namespace strategies;

class ClassifyPostgresql : public DatabaseTest {
 protected:
  ClassifyPostgresql() : DatabaseTest("postgresql") {}

  std::unique_ptr<Connection> connection_ =
      connect({.lock_timeout = 100ms, .statement_timeout = 400ms});

  DatabaseError provoke(const char* sql) {
    try {
      Transaction transaction(*connection_);
      execute(transaction, portable(sql, sql), {});
    } catch (...) {
      return classify_current_exception();
    }
    ADD_FAILURE() << "no error: " << sql;
    return {};
  }
};

TEST_F(ClassifyPostgresql, LockTimeoutIs55P03) {
  const EventId event = add_event(1);
  sql_.run(fmt::format("BEGIN; UPDATE events SET name = 'x' WHERE id = {}", event.value));
  const auto error = provoke("UPDATE events SET name = 'y'");
  EXPECT_EQ(ErrorKind::lock_timeout, error.kind);
  EXPECT_EQ("55P03", error.code);
}

TEST_F(ClassifyPostgresql, StatementTimeoutIs57014) {
  const auto error = provoke("SELECT pg_sleep(5)");
  EXPECT_EQ(ErrorKind::statement_timeout, error.kind);
  EXPECT_EQ("57014", error.code);
}

TEST_F(ClassifyPostgresql, AFullDiskIs53100) {
  sql_.run(
      "CREATE FUNCTION fill() RETURNS int LANGUAGE plpgsql AS $$ BEGIN"
      " RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$");
  const auto error = provoke("SELECT fill()");
  EXPECT_EQ(ErrorKind::no_space, error.kind);
  EXPECT_EQ("no_space", error.code);
}

TEST_F(ClassifyPostgresql, UniqueViolationIs23505) {
  add_user();
  const auto error =
      provoke("INSERT INTO users (name, email, password) SELECT name, email, password FROM users");
  EXPECT_EQ(ErrorKind::unique_violation, error.kind);
  EXPECT_EQ("23505", error.code);
}

TEST_F(ClassifyPostgresql, CheckViolationIs23514) {
  add_event(1);
  const auto error = provoke("UPDATE events SET available_tickets = -1");
  EXPECT_EQ(ErrorKind::check_violation, error.kind);
  EXPECT_EQ("23514", error.code);
}

TEST_F(ClassifyPostgresql, SerializationFailureIs40001) {
  add_event(5);
  DatabaseError error;
  try {
    Transaction transaction(*connection_);
    execute(transaction, portable("iso", "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"), {});
    execute(transaction, portable("read", "SELECT version FROM events"), {});
    sql_.run("UPDATE events SET version = version + 1");
    execute(transaction, portable("write", "UPDATE events SET version = version + 1"), {});
    FAIL() << "no error";
  } catch (...) {
    error = classify_current_exception();
  }
  EXPECT_EQ(ErrorKind::conflict, error.kind) << error.what;
  EXPECT_EQ("conflict", error.code);
}

TEST_F(ClassifyPostgresql, DeadlockIs40P01) {
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
  DatabaseError error;
  try {
    lock_event(transaction, b);
  } catch (...) {
    error = classify_current_exception();
  }
  if (error.kind == ErrorKind::deadlock) {
    Transaction* ended = &transaction;
    EXPECT_FALSE(ended->committing());
    EXPECT_EQ("deadlock", error.code);
  } else {  // the server chose the other side as its victim
    transaction.commit();
    EXPECT_EQ("40P01", crossing.get());
  }
}

}  // namespace boxoffice::tests
