// See reference.hpp.
#include "harness/reference.hpp"

#include <algorithm>

#include "harness/failure.hpp"

namespace boxoffice::harness {

std::string reference_tool(SqlDialect dialect) {
  return dialect == SqlDialect::postgresql ? "pgbench" : "sysbench";
}

const std::vector<std::int64_t>& reference_clients(SqlDialect dialect) {
  static const std::vector<std::int64_t> k_postgresql = {1, 2, 4, 8, 64};
  static const std::vector<std::int64_t> k_innodb = {1, 2, 4, 8, 16, 64};
  return dialect == SqlDialect::postgresql ? k_postgresql : k_innodb;
}

std::optional<double> run_reference(TestDatabase& database, std::int64_t clients, Duration duration,
                                    const std::filesystem::path& scratch) {
  Scenario scenario;
  scenario.tickets = 1'000'000'000;
  try {
    ReferenceRun run;
    run.url = database.url();
    run.event = database.reset(scenario).front();
    Sql sql = database.connect();
    run.first_user = sql.number("SELECT min(id) FROM users");
    run.users_of_a_client = sql.number("SELECT count(*) FROM users") / clients;
    run.clients = clients;
    run.seconds =
        std::max<long long>(1, std::chrono::duration_cast<std::chrono::seconds>(duration).count());
    run.scratch = scratch;
    return database.dialect() == SqlDialect::postgresql ? run_pgbench(run) : run_sysbench(run);
  } catch (const SqlError& error) {
    throw EnvironmentBroke(std::string("the database cannot be prepared for the reference line: ") +
                           error.what());
  }
}

}  // namespace boxoffice::harness
