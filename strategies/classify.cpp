// See classify.hpp. The order of the catches matters: connection_lost and deadlock are database
// errors themselves.
#include "strategies/classify.hpp"

#include <odb/exceptions.hxx>
#include <odb/mysql/exceptions.hxx>
#include <odb/pgsql/exceptions.hxx>

#include "strategies/transaction.hpp"

namespace boxoffice::strategies {

ErrorKind kind_of_sqlstate(std::string_view sqlstate) {
  if (sqlstate == "40001") return ErrorKind::conflict;
  if (sqlstate == "40P01") return ErrorKind::deadlock;
  if (sqlstate == "55P03") return ErrorKind::lock_timeout;
  if (sqlstate == "57014") return ErrorKind::statement_timeout;
  if (sqlstate == "23505") return ErrorKind::unique_violation;
  if (sqlstate == "23514") return ErrorKind::check_violation;
  if (sqlstate == "53100") return ErrorKind::no_space;
  if (sqlstate == "25006") return ErrorKind::read_only;
  if (sqlstate.starts_with("08")) return ErrorKind::connection_lost;
  // libodb-pgsql's word for "no SQLSTATE": libpq made the error itself, because the socket broke in
  // the middle of a reply. Nothing more can be said about this session.
  if (sqlstate == "?????") return ErrorKind::connection_lost;
  if (sqlstate == "57P01" || sqlstate == "57P02" || sqlstate == "57P03" || sqlstate == "25P03") {
    return ErrorKind::connection_lost;
  }
  return ErrorKind::other;
}

ErrorKind kind_of_mysql_error(unsigned int number) {
  switch (number) {
    case 1020:  // ER_CHECKREAD: MariaDB's snapshot isolation
      return ErrorKind::conflict;
    case 1213:  // ER_LOCK_DEADLOCK; on Galera the COMMIT that lost certification
      return ErrorKind::deadlock;
    case 1205:  // ER_LOCK_WAIT_TIMEOUT; on MariaDB NOWAIT too
    case 3572:  // ER_LOCK_NOWAIT, MySQL
      return ErrorKind::lock_timeout;
    case 1317:  // ER_QUERY_INTERRUPTED: KILL QUERY
    case 1969:  // ER_STATEMENT_TIMEOUT, MariaDB's max_statement_time
    case 3024:  // ER_QUERY_TIMEOUT, MySQL's max_execution_time
      return ErrorKind::statement_timeout;
    case 1062:  // ER_DUP_ENTRY
      return ErrorKind::unique_violation;
    case 3819:  // ER_CHECK_CONSTRAINT_VIOLATED, MySQL
    case 4025:  // ER_CONSTRAINT_FAILED, MariaDB
      return ErrorKind::check_violation;
    case 1021:  // ER_DISK_FULL
    case 1114:  // ER_RECORD_FILE_FULL: InnoDB cannot extend the table's file
      return ErrorKind::no_space;
    case 1290:  // ER_OPTION_PREVENTS_STATEMENT: --read-only
    case 1792:  // ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION
    case 1836:  // ER_READ_ONLY_MODE: --innodb-read-only
      return ErrorKind::read_only;
    case 1040:  // ER_CON_COUNT_ERROR: no session was opened
    case 1047:  // ER_UNKNOWN_COM_ERROR: a Galera node outside the primary component
    case 1053:  // ER_SERVER_SHUTDOWN
    case 1077:  // ER_NORMAL_SHUTDOWN
    case 1158:  // ER_NET_READ_ERROR
    case 1159:  // ER_NET_READ_INTERRUPTED
    case 1160:  // ER_NET_ERROR_ON_WRITE
    case 1161:  // ER_NET_WRITE_INTERRUPTED
    case 1927:  // ER_CONNECTION_KILLED, MariaDB
    case 2002:  // CR_CONNECTION_ERROR
    case 2003:  // CR_CONN_HOST_ERROR
    case 2006:  // CR_SERVER_GONE_ERROR
    case 2013:  // CR_SERVER_LOST
    case 2014:  // CR_COMMANDS_OUT_OF_SYNC: nothing more can be said about this session
    case 2055:  // CR_SERVER_LOST_EXTENDED
    case 5013:  // CR_ERR_NET_READ
    case 5014:  // CR_ERR_NET_WRITE
    case 4031:  // ER_CLIENT_INTERACTION_TIMEOUT, MySQL
      return ErrorKind::connection_lost;
    default:
      return ErrorKind::other;
  }
}

FailureCode failure_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::connection_lost:
    case ErrorKind::read_only:
      return FailureCode::database_unavailable;
    case ErrorKind::no_space:  // whoever comes later may find some
      return FailureCode::no_space;
    case ErrorKind::lock_timeout:
    case ErrorKind::statement_timeout:
      return FailureCode::lock_timeout;
    case ErrorKind::conflict:
    case ErrorKind::deadlock:
    case ErrorKind::unique_violation:
      return FailureCode::retries_exhausted;
    case ErrorKind::check_violation:
    case ErrorKind::other:
      break;
  }
  return FailureCode::internal;
}

namespace {

/// The engine's own code, except where all engines share a word: whoever counts tries that ended in
/// a deadlock must not have to know which engine, or which of its interfaces, told of it.
std::string code_of(ErrorKind kind, std::string engines_own) {
  switch (kind) {
    case ErrorKind::deadlock:
      return "deadlock";
    case ErrorKind::conflict:
      return "conflict";
    case ErrorKind::connection_lost:
      return "connection_lost";
    case ErrorKind::read_only:
      return "read_only";
    case ErrorKind::no_space:
      return "no_space";
    case ErrorKind::lock_timeout:
    case ErrorKind::statement_timeout:
    case ErrorKind::unique_violation:
    case ErrorKind::check_violation:
    case ErrorKind::other:
      break;
  }
  return engines_own;
}

}  // namespace

DatabaseError classify_current_exception() {
  try {
    throw;
  } catch (const Conflict& error) {
    return {ErrorKind::conflict, "conflict", error.what()};
  } catch (const odb::deadlock& error) {
    return {ErrorKind::deadlock, "deadlock", error.what()};
  } catch (const odb::connection_lost& error) {
    return {ErrorKind::connection_lost, "connection_lost", error.what()};
  } catch (const odb::pgsql::database_exception& error) {
    const ErrorKind kind = kind_of_sqlstate(error.sqlstate());
    return {kind, code_of(kind, error.sqlstate()), error.what()};
  } catch (const odb::mysql::database_exception& error) {
    const ErrorKind kind = kind_of_mysql_error(error.error());
    return {kind, code_of(kind, std::to_string(error.error())), error.what()};
  }
}

}  // namespace boxoffice::strategies
