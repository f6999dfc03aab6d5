// The steps of the schema that this program knows: the SQL files of migrations/, embedded. A step
// says in its text what an upgrade under load has to know of it:
//
//   -- Oldest program: 2             programs that know schema 2, or a newer one, run on the result
//   -- Statement by statement        on PostgreSQL not in one transaction: CREATE INDEX
//   CONCURRENTLY
//
// A step that only adds (expand) leaves older programs running; one that takes away (contract)
// names the first program that does without. docs/operations.md, "Upgrade", says how they follow.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "strategies/statement.hpp"

namespace boxoffice::strategies {

struct Migration {
  std::int64_t version = 0;
  std::string_view file;  ///< "0002-idempotency-keys.sql"
  std::string_view sql;
  std::int64_t oldest_program = 0;  ///< the schema version that a program has to know
  bool statement_by_statement = false;
};

/// In the order of their versions.
const std::vector<Migration>& migrations(Dialect);
/// The newest schema that this program knows.
std::int64_t program_schema_version(Dialect);

/// One more step than this program is shipped with, for a program that is the next release
/// (tests/e2e/next_server.cpp). The texts live as long as the program. Before anything else.
void add_migration(std::string_view file, std::string_view postgresql, std::string_view mysql);

/// Reads a step. Throws std::logic_error where it does not say its oldest program, or says one that
/// is newer than itself.
Migration read_migration(std::string_view file, std::string_view sql, Dialect);

}  // namespace boxoffice::strategies
