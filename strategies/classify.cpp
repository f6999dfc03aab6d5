// See classify.hpp. The order of the catches matters: connection_lost and deadlock are database
// errors themselves.
#include "strategies/classify.hpp"

#include <odb/exceptions.hxx>
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
  if (sqlstate.starts_with("08")) return ErrorKind::connection_lost;
  // libodb-pgsql's word for "no SQLSTATE": libpq made the error itself, because the socket broke in
  // the middle of a reply. Nothing more can be said about this session.
  if (sqlstate == "?????") return ErrorKind::connection_lost;
  if (sqlstate == "57P01" || sqlstate == "57P02" || sqlstate == "57P03" || sqlstate == "25P03") {
    return ErrorKind::connection_lost;
  }
  return ErrorKind::other;
}

DatabaseError classify_current_exception() {
  try {
    throw;
  } catch (const Conflict& error) {
    return {ErrorKind::conflict, "conflict", error.what()};
  } catch (const odb::deadlock& error) {
    return {ErrorKind::deadlock, "40P01", error.what()};
  } catch (const odb::connection_lost& error) {
    return {ErrorKind::connection_lost, "connection_lost", error.what()};
  } catch (const odb::pgsql::database_exception& error) {
    return {kind_of_sqlstate(error.sqlstate()), error.sqlstate(), error.what()};
  }
}

}  // namespace boxoffice::strategies
