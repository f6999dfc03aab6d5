// What an engine's error means for the transaction that met it: one table by SQLSTATE.
// Source: PostgreSQL manual, appendix A (error codes). libodb-pgsql folds 40001 and 40P01 into
// odb::deadlock and leaves the rest as database_exception (pitfall P8).
#pragma once

#include <exception>
#include <string>
#include <string_view>

namespace boxoffice::strategies {

enum class ErrorKind {
  conflict,           ///< a version that moved on, 40001: run the transaction again
  deadlock,           ///< 40P01: run it again
  lock_timeout,       ///< 55P03: waited too long for a lock; run it again, few times
  statement_timeout,  ///< 57014: cancelled; not run again
  unique_violation,   ///< 23505: somebody was first; look who
  check_violation,    ///< 23514: a CHECK refused the row
  connection_lost,    ///< 08xxx, 57P01-57P03, a broken socket
  other,
};

struct DatabaseError {
  ErrorKind kind = ErrorKind::other;
  std::string code;  ///< SQLSTATE, or "conflict", "connection_lost" where there is none
  std::string what;
};

ErrorKind kind_of_sqlstate(std::string_view sqlstate);

/// Reads the exception that is being handled. Rethrows what is no database error.
DatabaseError classify_current_exception();

}  // namespace boxoffice::strategies
