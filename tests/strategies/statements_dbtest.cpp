// How many statements a reserve costs, as the database itself counts them. A round trip carries at
// least one, so that this bounds the round trips too; on PostgreSQL a pipeline carries several.
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

  std::int64_t statements_of(const ReserveCommand& request) {
    const std::int64_t before = count();
    EXPECT_TRUE(strategy_->reserve(*connection_, request).value().created);
    return count() - before - (on_postgresql() ? 0 : 1);
  }
};

INSTANTIATE_TEST_SUITE_P(Sound, Statements, ::testing::ValuesIn(sound_strategies()), name_of);

TEST_P(Statements, AReserveTakesNoMoreThanItsStrategyNeeds) {
  if (on_postgresql()) connection_->session().run("SET log_statement = 'all'");
  const EventId event = add_event(5);
  (void)statements_of(command(event, add_user()));  // prepares them
  const std::int64_t taken = statements_of(command(event, add_user()));
  // BEGIN, lock, own hold, UPDATE, INSERT, COMMIT; the others read the event with the own hold.
  EXPECT_EQ(GetParam().strategy == "pessimistic" ? 6 : 5, taken);
}

}  // namespace boxoffice::tests
