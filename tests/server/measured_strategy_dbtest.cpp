// A deadlock that really happens is counted as one, on each engine: it is what the alerts of
// docker/prometheus/rules.yml ask for.
#include "server/measured_strategy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <future>

#include "strategies/registry.hpp"
#include "tests/strategies/database_fixture.hpp"

namespace boxoffice::tests {

using namespace strategies;

class MeasuredOn : public ProductTest {
 protected:
  std::int64_t failed(std::string_view code) const {
    const auto* const found = std::ranges::find(server::k_failure_codes, code);
    return measured_.counts()
        .operations[0]
        .failed_attempts.at(static_cast<std::size_t>(found - server::k_failure_codes.begin()))
        .value();
  }
  /// A session that has done more than a reserve does, so that InnoDB lets the reserve be the
  /// victim, and that on PostgreSQL looks for deadlocks later than a reserve does.
  harness::Sql heavy_session() {
    harness::Sql other(url_);
    if (on_postgresql()) other.run("SET deadlock_timeout = '20s'");
    other.run("BEGIN");
    for (int i = 0; i < 20; ++i)
      other.run(
          fmt::format("INSERT INTO users (name, email, password) VALUES ('Bob', '{}-{}', '!')",
                      ++sessions_, i));
    return other;
  }

  server::MeasuredStrategy measured_{make_strategy("atomic")};
  int sessions_ = 0;
};
INSTANTIATE_TEST_SUITE_P(On, MeasuredOn, ::testing::ValuesIn(products()), product_of);

// The reserve has the event and waits for its user's row; who has that asks for the event.
TEST_P(MeasuredOn, ADeadlockIsCountedAsADeadlock) {
  const EventId event = add_event(50);
  const auto connection = connect({.lock_timeout = 30s});
  for (int round = 0; round < 10 && failed("deadlock") == 0; ++round) {  // the other may be chosen
    const UserId user = add_user();
    const ReserveCommand wanted = command(event, user);
    harness::Sql other = heavy_session();
    other.run(fmt::format("SELECT 1 FROM users WHERE id = {} FOR UPDATE", user.value));
    auto reserve = std::async(std::launch::async,
                              [&] { return measured_.reserve(*connection, wanted).value(); });
    wait_for_lock_waits(1);
    try {
      other.run(fmt::format("SELECT 1 FROM events WHERE id = {} FOR UPDATE", event.value));
    } catch (const harness::SqlError&) {
    }
    other.run("ROLLBACK");
    EXPECT_TRUE(reserve.get().created);
  }
  EXPECT_EQ(1, failed("deadlock"));
  EXPECT_EQ(0, failed("other"));
}

}  // namespace boxoffice::tests
