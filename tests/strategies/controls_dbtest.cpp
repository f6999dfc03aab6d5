// A control does what its bug is and nothing else: what it prepares, it prepares in its own
// database.
#include "strategies/broken/broken.hpp"
#include "strategies/migrate.hpp"
#include "tests/strategies/database_fixture.hpp"

namespace boxoffice::tests {

using namespace strategies;

class Controls : public ProductTest {};
INSTANTIATE_TEST_SUITE_P(On, Controls, ::testing::ValuesIn(products()), product_of);

// The catalogue of MySQL and MariaDB names every database's constraints.
TEST_P(Controls, ASecondInstanceFindsTheCheckDroppedAlthoughAnotherDatabaseHasOne) {
  migrate(Database(make_empty_database("_another")));
  const auto connection = connect();
  const EventId event = add_event(2);
  for (int instance = 1; instance <= 2; ++instance) {
    const auto control = broken::make_unguarded_update();
    EXPECT_TRUE(control->reserve(*connection, command(event, add_user())).has_value()) << instance;
  }
  sql_.run("UPDATE events SET available_tickets = -1");  // no CHECK is in its way
}

}  // namespace boxoffice::tests
