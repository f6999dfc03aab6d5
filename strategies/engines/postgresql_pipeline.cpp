// See postgresql_pipeline.hpp.
#include "strategies/engines/postgresql_pipeline.hpp"

#include <odb/exceptions.hxx>
#include <odb/pgsql/exceptions.hxx>

namespace boxoffice::strategies {

void throw_if_failed(PGconn* handle, const ResultPtr& result) {
  const ExecStatusType status = result ? PQresultStatus(result.get()) : PGRES_FATAL_ERROR;
  if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) return;
  if (!result || PQstatus(handle) == CONNECTION_BAD) throw odb::connection_lost();
  const char* sqlstate = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
  throw odb::pgsql::database_exception(sqlstate ? sqlstate : "?????",
                                       PQresultErrorMessage(result.get()));
}

Answer answer_of(const PGresult* result) {
  Answer answer;
  const int columns = PQnfields(result);
  for (int r = 0; r < PQntuples(result); ++r) {
    std::vector<std::optional<std::string>> row(static_cast<std::size_t>(columns));
    for (int c = 0; c < columns; ++c) {
      if (PQgetisnull(result, r, c)) continue;
      row[static_cast<std::size_t>(c)].emplace(PQgetvalue(result, r, c),
                                               static_cast<std::size_t>(PQgetlength(result, r, c)));
    }
    answer.rows.emplace_back(std::move(row));
  }
  answer.affected = std::atoll(PQcmdTuples(const_cast<PGresult*>(result)));
  if (columns == 1 && !answer.rows.empty() && !answer.rows.front().is_null(0)) {
    answer.made = std::atoll(answer.rows.front().text(0).c_str());
  }
  return answer;
}

namespace {

void send_one(PGconn* handle, const Call& call) {
  std::vector<const char*> values;
  for (const Parameter& parameter : call.parameters) values.push_back(parameter.text().c_str());
  if (!PQsendQueryPrepared(handle, call.statement.name, static_cast<int>(values.size()),
                           values.data(), nullptr, nullptr, 0)) {
    throw odb::connection_lost();
  }
}

// A result a statement, each followed by an empty one, then the mark of the pipeline's end. A
// connection that breaks on the way gives an error for the statement it broke in.
std::vector<ResultPtr> receive(PGconn* handle, std::size_t count) {
  std::vector<ResultPtr> results;
  for (std::size_t i = 0; i < count; ++i) {
    results.emplace_back(PQgetResult(handle));
    if (PQstatus(handle) == CONNECTION_BAD) throw_if_failed(handle, results.back());
    while (ResultPtr(PQgetResult(handle))) {
    }
  }
  const ResultPtr end(PQgetResult(handle));
  if (!end || PQresultStatus(end.get()) != PGRES_PIPELINE_SYNC) throw odb::connection_lost();
  return results;
}

}  // namespace

std::vector<ResultPtr> run_pipeline(PGconn* handle, std::span<const Call* const> calls) {
  if (!PQenterPipelineMode(handle)) throw odb::connection_lost();
  for (const Call* call : calls) send_one(handle, *call);
  if (!PQpipelineSync(handle)) throw odb::connection_lost();
  std::vector<ResultPtr> results = receive(handle, calls.size());
  if (!PQexitPipelineMode(handle)) throw odb::connection_lost();
  for (const ResultPtr& result : results) throw_if_failed(handle, result);
  return results;
}

}  // namespace boxoffice::strategies
