// The harness's own SQL connection, apart from the server's code on purpose: what is audited must
// not be read through what is being judged. Text in, text out, over libpq or libmariadb.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace boxoffice::harness {

/// The language that a server speaks; MariaDB's and MySQL's is one as far as the harness goes.
enum class SqlDialect { postgresql, mysql };

/// By the URL's scheme: postgresql://, postgres://, mysql:// or mariadb://. Nothing for other
/// texts.
std::optional<SqlDialect> dialect_of(const std::string& url);

/// code(): on PostgreSQL the SQLSTATE, "08000" where the connection itself failed; on MySQL and
/// MariaDB the error number in decimal, the client library's own (2002, 2013, ...) included.
/// "02000" on both where a row was expected and none came.
class SqlError : public std::runtime_error {
 public:
  SqlError(const std::string& code, const std::string& what)
      : std::runtime_error(what), code_(code) {}
  const std::string& code() const { return code_; }

 private:
  std::string code_;
};

using SqlRow = std::vector<std::optional<std::string>>;

/// A column that holds an integer. Throws std::bad_optional_access for NULL.
std::int64_t number(const std::optional<std::string>& column);

/// What Sql asks of a client library; sql_postgresql.cpp and sql_mysql.cpp are the two.
class SqlConnection {
 public:
  virtual ~SqlConnection() = default;
  virtual std::vector<SqlRow> query(const std::string& sql,
                                    const std::vector<std::string>& parameters) = 0;
  virtual void run(const std::string& sql) = 0;
};

/// A session in UTC and READ COMMITTED.
class Sql {
 public:
  /// postgresql://... as libpq reads it, or mysql://... (mysql_url.hpp). Throws SqlError.
  explicit Sql(const std::string& url);

  SqlDialect dialect() const { return dialect_; }
  /// Runs one statement with text parameters ($1 ... in both dialects; one may be used twice).
  /// Throws SqlError.
  std::vector<SqlRow> query(const std::string& sql,
                            std::initializer_list<std::string> parameters = {});
  /// One or several statements without parameters, `;` between them. Throws SqlError at the first
  /// that fails.
  void run(const std::string& sql);
  /// The first column of the first row as a number; throws SqlError where there is none.
  std::int64_t number(const std::string& sql, std::initializer_list<std::string> parameters = {});
  std::string text(const std::string& sql, std::initializer_list<std::string> parameters = {});

 private:
  SqlDialect dialect_;
  std::unique_ptr<SqlConnection> connection_;
};

/// The connections behind Sql, one file each.
std::unique_ptr<SqlConnection> connect_postgresql(const std::string& url);
std::unique_ptr<SqlConnection> connect_mysql(const std::string& url);

}  // namespace boxoffice::harness
