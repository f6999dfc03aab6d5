// Versioned schema: brings it up, and says whether this program runs on the one that is there.
//
// The table schema_migrations has for each step the oldest program that runs on the result, so that
// an older program finds in the database what it cannot know itself: whether a newer schema still
// has all that it needs. What the steps are is in migrations.hpp.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "strategies/migrations.hpp"

namespace boxoffice::strategies {

class Database;

/// Versions of schemas: 0 is an empty database.
struct SchemaState {
  std::int64_t version = 0;         ///< of the database
  std::int64_t oldest_program = 0;  ///< programs that know this one, or a newer one, run on it
  std::int64_t program = 0;         ///< the newest that this program knows
};

struct Migrated {
  SchemaState before, after;
  std::vector<std::string> applied;  ///< file names, in order
};

struct MigrationPatience {
  /// A statement that waits longer for a lock lets go of it, for behind it everybody waits.
  std::chrono::milliseconds lock_timeout{1000};
  /// So long it is tried again.
  std::chrono::milliseconds give_up{std::chrono::minutes(10)};
  /// So long it waits for another migrator.
  std::chrono::milliseconds other_migrator{std::chrono::minutes(10)};
};

/// Brings the schema to the newest version that this program knows: locked against a second
/// migrator, each step as migrations.hpp says. A newer schema that this program still runs on is
/// left alone. Throws ConfigurationError where this program does not run on it, Failure where the
/// database is away or refuses (the message has the server's own words).
Migrated migrate(const Database&, const MigrationPatience& = {});

/// The steps that migrate() would take now; changes nothing. Throws as it does.
std::vector<Migration> pending_migrations(const Database&, SchemaState& now);

/// What there is, where this program runs on it: where `version` is above `program`, the schema
/// says so itself. Throws ConfigurationError otherwise ("run 'boxoffice-server migrate'").
SchemaState check_schema(const Database&);

}  // namespace boxoffice::strategies
