// How many statements a reserve costs, as the database itself counts them, and that our own count
// of what a session sends (traffic.hpp) says the same; a round trip carries at least one, on
// PostgreSQL a pipeline several.
#include <fmt/format.h>

#include <fstream>
#include <sstream>

#include "strategies/session.hpp"
#include "tests/strategies/database_fixture.hpp"

namespace boxoffice::tests {

using namespace strategies;

class Statements : public StrategyTest {
 protected:
  std::unique_ptr<Connection> connection_ = connect();

  // PostgreSQL writes each to its log once asked to; "execute" is a prepared one, "statement" a
  // plain one. BEGIN and COMMIT are among them.
  std::int64_t logged() const {
    std::ifstream log(shared_server(product_).socket_directory() / "postgresql.log");
    const std::string backend = fmt::format("[{}]", connection_->session().backend());
    std::int64_t count = 0;
    for (std::string line; std::getline(log, line);) {
      if (line.find(backend) == std::string::npos) continue;
      count += line.find("LOG:  execute ") != std::string::npos ||
               line.find("LOG:  statement: ") != std::string::npos;
    }
    return count;
  }
  // MySQL counts what a session asked, this question included.
  std::int64_t questions() {
    static constexpr Statement k_questions =
        portable("questions", "SHOW SESSION STATUS LIKE 'Questions'");
    return execute(*connection_, k_questions, {}).rows.front().integer(1);
  }
  std::int64_t count() { return on_postgresql() ? logged() : questions(); }

  struct Counted {
    std::int64_t by_the_database = 0;
    Traffic by_us;
  };
  template <class Work>
  Counted counted(Work work) {
    const std::int64_t before = count();
    work();
    const Traffic by_us = connection_->statistics().traffic;
    return {count() - before - (on_postgresql() ? 0 : 1), by_us};
  }
  Counted reserve(const ReserveCommand& request) {
    return counted([&] { EXPECT_TRUE(strategy_->reserve(*connection_, request).value().created); });
  }
  void let_the_database_count() {
    if (on_postgresql()) connection_->session().run("SET log_statement = 'all'");
  }
};

INSTANTIATE_TEST_SUITE_P(Sound, Statements, ::testing::ValuesIn(sound_strategies()), name_of);

TEST_P(Statements, AReserveTakesNoMoreThanItsStrategyNeeds) {
  let_the_database_count();
  const EventId event = add_event(5);
  (void)reserve(command(event, add_user()));  // prepares them
  const Counted taken = reserve(command(event, add_user()));
  // BEGIN, lock, own hold, UPDATE, INSERT, COMMIT; the others read the event with the own hold.
  EXPECT_EQ(GetParam().strategy == "pessimistic" ? 6 : 5, taken.by_the_database);
  EXPECT_EQ(taken.by_the_database, taken.by_us.statements);
}

TEST_P(Statements, AReserveWaitsForTheServerAsOftenAsItsEngineNeeds) {
  const EventId event = add_event(5);
  const Traffic first = reserve(command(event, add_user())).by_us;  // prepares its statements
  const Traffic next = reserve(command(event, add_user())).by_us;
  EXPECT_EQ(first.statements, next.statements);
  EXPECT_GT(first.round_trips, next.round_trips);
  // docs/decisions/0006: MySQL's protocol sends one statement at a time.
  const std::int64_t together = GetParam().strategy == "optimistic" ? 3 : 2;
  EXPECT_EQ(on_postgresql() ? together : next.statements, next.round_trips);
}

TEST_P(Statements, ARefusalAndItsRollbackAreCountedToo) {
  const EventId event = add_event(0);
  const auto refused = [&] {
    EXPECT_FALSE(strategy_->reserve(*connection_, command(event, add_user())).has_value());
  };
  refused();
  let_the_database_count();
  const Counted taken = counted(refused);
  EXPECT_GE(taken.by_the_database, 3);  // BEGIN, what finds out, ROLLBACK
  EXPECT_EQ(taken.by_the_database, taken.by_us.statements);
}

/// A cancel looks its reservation up through ODB's own prepared query.
TEST_P(Statements, WhatGoesThroughOdbIsCountedToo) {
  const EventId event = add_event(5);
  const auto cancelled = [&] {
    const UserId user = add_user();
    const auto made = strategy_->reserve(*connection_, command(event, user)).value();
    return counted([&] {
      EXPECT_TRUE(strategy_->cancel(*connection_, {made.reservation.id, user}).has_value());
    });
  };
  const Counted first = cancelled();
  let_the_database_count();
  const Counted next = cancelled();
  EXPECT_EQ(next.by_the_database, next.by_us.statements);
  EXPECT_EQ(first.by_us.statements, next.by_us.statements);
  EXPECT_GT(first.by_us.round_trips, next.by_us.round_trips) << "its query was prepared once";
}

}  // namespace boxoffice::tests
