// See statement.hpp. Errors are thrown as ODB's own exceptions, so that one classifier reads all.
#include "strategies/statement.hpp"

#include <libpq-fe.h>

#include <odb/exceptions.hxx>
#include <odb/pgsql/connection.hxx>
#include <odb/pgsql/exceptions.hxx>

#include "strategies/database.hpp"
#include "strategies/transaction.hpp"

namespace boxoffice::strategies {

namespace {

struct Clear {
  void operator()(PGresult* result) const { PQclear(result); }
};
using ResultPtr = std::unique_ptr<PGresult, Clear>;

void throw_if_failed(PGconn* handle, const ResultPtr& result) {
  const ExecStatusType status = result ? PQresultStatus(result.get()) : PGRES_FATAL_ERROR;
  if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) return;
  if (!result || PQstatus(handle) == CONNECTION_BAD) throw odb::connection_lost();
  const char* sqlstate = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
  throw odb::pgsql::database_exception(sqlstate ? sqlstate : "?????",
                                       PQresultErrorMessage(result.get()));
}

std::vector<Row> rows_of(const PGresult* result) {
  std::vector<Row> rows;
  const int columns = PQnfields(result);
  for (int r = 0; r < PQntuples(result); ++r) {
    std::vector<std::optional<std::string>> row(static_cast<std::size_t>(columns));
    for (int c = 0; c < columns; ++c) {
      if (PQgetisnull(result, r, c)) continue;
      row[static_cast<std::size_t>(c)].emplace(PQgetvalue(result, r, c),
                                               static_cast<std::size_t>(PQgetlength(result, r, c)));
    }
    rows.emplace_back(std::move(row));
  }
  return rows;
}

}  // namespace

std::vector<Row> execute(Connection& connection, const Statement& statement,
                         std::initializer_list<Parameter> parameters) {
  PGconn* handle = static_cast<odb::pgsql::connection&>(connection.odb()).handle();
  if (!connection.prepared().contains(statement.name)) {
    throw_if_failed(handle,
                    ResultPtr(PQprepare(handle, statement.name, statement.sql, 0, nullptr)));
    connection.prepared().insert(statement.name);
  }
  std::vector<const char*> values;
  for (const Parameter& parameter : parameters) values.push_back(parameter.text());
  const ResultPtr result(PQexecPrepared(handle, statement.name, static_cast<int>(values.size()),
                                        values.data(), nullptr, nullptr, 0));
  throw_if_failed(handle, result);
  return rows_of(result.get());
}

std::vector<Row> execute(Transaction& transaction, const Statement& statement,
                         std::initializer_list<Parameter> parameters) {
  return execute(transaction.connection(), statement, parameters);
}

std::optional<Row> execute_one(Transaction& transaction, const Statement& statement,
                               std::initializer_list<Parameter> parameters) {
  auto rows = execute(transaction, statement, parameters);
  if (rows.empty()) return std::nullopt;
  return std::move(rows.front());
}

}  // namespace boxoffice::strategies
