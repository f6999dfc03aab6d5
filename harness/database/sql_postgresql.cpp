// Sql over libpq. See sql.hpp.
#include <libpq-fe.h>

#include "harness/database/sql.hpp"
#include "harness/database/url_text.hpp"

namespace boxoffice::harness {

namespace {

struct Clear {
  void operator()(PGresult* result) const { PQclear(result); }
};
using ResultPtr = std::unique_ptr<PGresult, Clear>;

ResultPtr checked(PGconn* connection, PGresult* raw) {
  ResultPtr result(raw);
  const ExecStatusType status = PQresultStatus(result.get());
  if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK || status == PGRES_EMPTY_QUERY)
    return result;
  const char* code = result ? PQresultErrorField(result.get(), PG_DIAG_SQLSTATE) : nullptr;
  throw SqlError(code ? code : "08000", one_line(PQerrorMessage(connection)));
}

class PostgresqlConnection : public SqlConnection {
 public:
  explicit PostgresqlConnection(const std::string& url)
      : connection_(PQconnectdb(url.c_str()), PQfinish) {
    if (PQstatus(connection_.get()) != CONNECTION_OK) {
      throw SqlError("08000", one_line(PQerrorMessage(connection_.get())));
    }
    PQsetNoticeProcessor(
        connection_.get(), [](void*, const char*) {}, nullptr);
  }

  std::vector<SqlRow> query(const std::string& sql,
                            const std::vector<std::string>& parameters) override {
    std::vector<const char*> values;
    for (const std::string& parameter : parameters) values.push_back(parameter.c_str());
    const ResultPtr result =
        checked(connection_.get(),
                PQexecParams(connection_.get(), sql.c_str(), static_cast<int>(values.size()),
                             nullptr, values.data(), nullptr, nullptr, 0));
    std::vector<SqlRow> rows(static_cast<std::size_t>(PQntuples(result.get())));
    const int columns = PQnfields(result.get());
    for (std::size_t r = 0; r < rows.size(); ++r) {
      const int row = static_cast<int>(r);
      for (int c = 0; c < columns; ++c) {
        if (PQgetisnull(result.get(), row, c))
          rows[r].emplace_back();
        else
          rows[r].emplace_back(PQgetvalue(result.get(), row, c));
      }
    }
    return rows;
  }

  void run(const std::string& sql) override {
    checked(connection_.get(), PQexec(connection_.get(), sql.c_str()));
  }

 private:
  std::unique_ptr<PGconn, void (*)(PGconn*)> connection_;
};

}  // namespace

std::unique_ptr<SqlConnection> connect_postgresql(const std::string& url) {
  return std::make_unique<PostgresqlConnection>(url);
}

}  // namespace boxoffice::harness
