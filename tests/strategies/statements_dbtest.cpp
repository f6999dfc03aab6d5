// How many statements and round trips each call of a strategy costs: the statements as the database
// itself counts them, and that our own count of what a session sends (traffic.hpp) says the same; a
// round trip carries at least one, on PostgreSQL a pipeline several.
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

  struct Cost {
    std::int64_t statements = 0;
    std::int64_t round_trips = 0;  // on PostgreSQL; MySQL's protocol sends one at a time
  };
  // `work` gives what it counted. Its first call prepares the statements, which costs more.
  template <class Work>
  void expect_cost(const Cost& expected, Work work) {
    const Traffic first = work().by_us;
    let_the_database_count();
    const Counted next = work();
    EXPECT_EQ(expected.statements, next.by_the_database);
    EXPECT_EQ(expected.statements, next.by_us.statements);
    EXPECT_EQ(on_postgresql() ? expected.round_trips : expected.statements, next.by_us.round_trips);
    EXPECT_EQ(expected.statements, first.statements);
    EXPECT_GT(first.round_trips, next.by_us.round_trips) << "its statements were prepared once";
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

// docs/decisions/0038: what differs between the strategies is what they are about, and nothing
// else.
TEST_P(Statements, ACancelTakesAsManyRoundTripsInEachStrategy) {
  const EventId event = add_event(5);
  // BEGIN, SELECT; the event's lock or UPDATE; UPDATE the hold, SELECT it; COMMIT, with which
  // pessimistic's UPDATE of the event travels.
  expect_cost({.statements = GetParam().strategy == "pessimistic" ? 7 : 6, .round_trips = 4}, [&] {
    const UserId user = add_user();
    const auto made = strategy_->reserve(*connection_, command(event, user)).value();
    return counted([&] {
      EXPECT_TRUE(strategy_->cancel(*connection_, {made.reservation.id, user}).has_value());
    });
  });
}

TEST_P(Statements, APurchaseTakesAsManyRoundTripsInEachStrategy) {
  const EventId event = add_event(5);
  // BEGIN, SELECT ... FOR UPDATE; UPDATE, SELECT; COMMIT.
  expect_cost({.statements = 5, .round_trips = 3}, [&] {
    const UserId user = add_user();
    const auto made = strategy_->reserve(*connection_, command(event, user)).value();
    return counted([&] {
      EXPECT_TRUE(strategy_->purchase(*connection_, {made.reservation.id, user}).has_value());
    });
  });
}

TEST_P(Statements, ASweepTakesOneRoundTripMoreWhereTheVersionIsReadBeforeItIsClaimed) {
  const std::int64_t look = GetParam().strategy == "optimistic" ? 1 : 0;
  // BEGIN, the event's lock or UPDATE; SELECT what is due; UPDATE it; UPDATE the event, COMMIT.
  expect_cost({.statements = 6 + look, .round_trips = 4 + look}, [&] {
    const EventId event = add_event(5);
    (void)reserve(command(event, add_user(), 1us));
    return counted([&] {
      EXPECT_EQ(1, strategy_->release_expired(*connection_, event).value().reservations);
    });
  });
}

}  // namespace boxoffice::tests
