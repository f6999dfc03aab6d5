// The reference line: the same statements as pessimistic's reserve, sent by a tool that knows
// nothing of tickets: pgbench to PostgreSQL, sysbench to MySQL and MariaDB. What the database alone
// can do, so that a reader sees what HTTP and the mapping cost on top.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/database/test_database.hpp"

namespace boxoffice::harness {

/// Accounts that must be there: each client takes users of its own, so that no two holds meet.
inline constexpr std::int64_t k_reference_users = 20'000;

/// "pgbench" or "sysbench": the tool for the engines of that dialect.
std::string reference_tool(SqlDialect dialect);

/// The client counts that the line is measured at, rising: around the count at which one hot row
/// goes fastest (1 to 8 on PostgreSQL, up to 16 on InnoDB), and 64 for what a crowd costs.
const std::vector<std::int64_t>& reference_clients(SqlDialect dialect);

/// Reservations a second that the tool makes on one hot event with ample supply. Resets the
/// database first. Nothing where the tool is not installed. Throws EnvironmentBroke where it fails.
std::optional<double> run_reference(TestDatabase& database, std::int64_t clients, Duration duration,
                                    const std::filesystem::path& scratch);

/// What one run of a tool is given.
struct ReferenceRun {
  std::string url;
  std::int64_t event = 0;
  std::int64_t first_user = 0;
  std::int64_t users_of_a_client = 0;
  std::int64_t clients = 1;
  std::int64_t seconds = 1;
  std::filesystem::path scratch;  ///< a directory for its script and its output
};

/// The tools, one file each.
std::optional<double> run_pgbench(const ReferenceRun& run);
std::optional<double> run_sysbench(const ReferenceRun& run);

}  // namespace boxoffice::harness
