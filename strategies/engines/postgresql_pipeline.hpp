// Prepared statements as one pipeline of PostgreSQL's protocol: one round trip, however many.
//
// A pipeline keeps the meaning of single statements: the server begins each only when the one
// before it has ended, with a new snapshot (READ COMMITTED), and skips the rest, COMMIT included,
// after an error. Source: PostgreSQL manual, "Pipeline Mode".
#pragma once

#include <libpq-fe.h>

#include <memory>
#include <span>
#include <vector>

#include "strategies/statement.hpp"

namespace boxoffice::strategies {

struct Clear {
  void operator()(PGresult* result) const { PQclear(result); }
};
using ResultPtr = std::unique_ptr<PGresult, Clear>;

/// Throws ODB's exceptions: connection_lost, or pgsql::database_exception with the SQLSTATE.
void throw_if_failed(PGconn*, const ResultPtr&);

Answer answer_of(const PGresult*);

/// Runs statements that the session has prepared; their results in order, all of which succeeded.
/// Throws what the first that failed says; after connection_lost the session is of no further use.
std::vector<ResultPtr> run_pipeline(PGconn*, std::span<const Call* const> calls);

}  // namespace boxoffice::strategies
