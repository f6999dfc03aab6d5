// What an engine's error means for the transaction that met it: one table by SQLSTATE for
// PostgreSQL, one by error number for MySQL and MariaDB, whose SQLSTATEs say too little.
// Source: PostgreSQL manual, appendix A; MySQL and MariaDB error references. libodb folds 40001,
// 40P01 and 1213 into odb::deadlock and leaves the rest as database_exception (pitfall P8).
#pragma once

#include <exception>
#include <string>
#include <string_view>

#include "strategies/failure.hpp"

namespace boxoffice::strategies {

enum class ErrorKind {
  conflict,           ///< a version that moved on; 40001; 1020: run the transaction again
  deadlock,           ///< 40P01; 1213: run it again
  lock_timeout,       ///< 55P03; 1205, 3572: waited too long for a lock; run it again, few times
  statement_timeout,  ///< 57014; 1969, 3024, 1317: cancelled; not run again
  unique_violation,   ///< 23505; 1062: somebody was first; look who
  check_violation,    ///< 23514; 3819, 4025: a CHECK refused the row
  read_only,          ///< 25006; 1290, 1792, 1836: a demoted primary; nothing was changed
  no_space,           ///< 53100; 1021, 1114: the database's disk is full
  connection_lost,    ///< 08xxx, 57P01-57P03; 2006, 2013, ...; a broken socket
  other,
};

struct DatabaseError {
  ErrorKind kind = ErrorKind::other;
  /// "conflict", "deadlock", "connection_lost", "read_only" and "no_space" on every engine, else
  /// SQLSTATE or MySQL's number.
  std::string code;
  std::string what;
};

ErrorKind kind_of_sqlstate(std::string_view sqlstate);
ErrorKind kind_of_mysql_error(unsigned int number);

/// What the caller is told where it is not tried again.
FailureCode failure_of(ErrorKind kind);

/// Reads the exception that is being handled. Rethrows what is no database error.
DatabaseError classify_current_exception();

}  // namespace boxoffice::strategies
