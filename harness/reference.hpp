// The reference line: the same statements as a strategy's reserve, sent by pgbench. What the
// database alone can do, so that a reader sees what HTTP and the mapping cost on top.
#pragma once

#include <optional>
#include <string>

#include "harness/database/test_database.hpp"

namespace boxoffice::harness {

/// Reservations a second that pgbench makes on one hot event with ample supply. Resets the database
/// first. Nothing where pgbench is not installed. Throws EnvironmentBroke where it fails.
std::optional<double> run_pgbench(TestDatabase& database, const std::string& strategy,
                                  std::int64_t clients, Duration duration,
                                  const std::filesystem::path& scratch);

}  // namespace boxoffice::harness
