// See sql.hpp.
#include "harness/database/sql.hpp"

namespace boxoffice::harness {

namespace {

SqlDialect known_dialect(const std::string& url) {
  if (const auto dialect = dialect_of(url)) return *dialect;
  throw SqlError("08001", "the URL begins with neither postgresql:// nor mysql://");
}

}  // namespace

std::int64_t number(const std::optional<std::string>& column) {
  return std::stoll(column.value());
}

std::optional<SqlDialect> dialect_of(const std::string& url) {
  if (url.starts_with("postgresql://") || url.starts_with("postgres://"))
    return SqlDialect::postgresql;
  if (url.starts_with("mysql://") || url.starts_with("mariadb://")) return SqlDialect::mysql;
  return std::nullopt;
}

Sql::Sql(const std::string& url)
    : dialect_(known_dialect(url)),
      connection_(dialect_ == SqlDialect::postgresql ? connect_postgresql(url)
                                                     : connect_mysql(url)) {}

std::vector<SqlRow> Sql::query(const std::string& sql,
                               std::initializer_list<std::string> parameters) {
  return connection_->query(sql, parameters);
}

void Sql::run(const std::string& sql) {
  connection_->run(sql);
}

std::int64_t Sql::number(const std::string& sql, std::initializer_list<std::string> parameters) {
  return std::stoll(text(sql, parameters));
}

std::string Sql::text(const std::string& sql, std::initializer_list<std::string> parameters) {
  const auto rows = query(sql, parameters);
  if (rows.empty() || rows.front().empty() || !rows.front().front())
    throw SqlError("02000", "no row: " + sql);
  return *rows.front().front();
}

}  // namespace boxoffice::harness
