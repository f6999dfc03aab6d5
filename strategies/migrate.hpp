// Versioned schema: the SQL files in migrations/ are embedded in the program and are the truth
// about the schema.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace boxoffice::strategies {

class Database;

struct Migrated {
  std::int64_t from = 0;  ///< schema version before; 0: empty database
  std::int64_t to = 0;
  std::vector<std::string> applied;  ///< file names, in order
};

/// Brings the schema to the newest version: locked against a second migrator, each file in its own
/// transaction. Throws ConfigurationError where the schema is newer than this program, Failure
/// where the database is away or refuses (the message has the server's own words).
Migrated migrate(const Database&);

/// Throws ConfigurationError unless the schema is exactly this program's ("run boxoffice-server
/// migrate").
void check_schema(const Database&);

}  // namespace boxoffice::strategies
