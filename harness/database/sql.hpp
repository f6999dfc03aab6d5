// The harness's own SQL connection, apart from the server's code on purpose: what is audited must
// not be read through what is being judged. Text in, text out, over libpq.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

struct pg_conn;

namespace boxoffice::harness {

/// SQLSTATE in code(); "08000" where the connection itself failed.
class SqlError : public std::runtime_error {
 public:
  SqlError(const std::string& code, const std::string& what)
      : std::runtime_error(what), code_(code) {}
  const std::string& code() const { return code_; }

 private:
  std::string code_;
};

using SqlRow = std::vector<std::optional<std::string>>;

class Sql {
 public:
  /// Throws SqlError.
  explicit Sql(const std::string& url);

  /// Runs one statement with text parameters ($1...). Throws SqlError.
  std::vector<SqlRow> query(const std::string& sql,
                            std::initializer_list<std::string> parameters = {});
  /// One or several statements without parameters.
  void run(const std::string& sql);
  /// The first column of the first row as a number; throws SqlError where there is none.
  std::int64_t number(const std::string& sql, std::initializer_list<std::string> parameters = {});
  std::string text(const std::string& sql);

 private:
  std::unique_ptr<pg_conn, void (*)(pg_conn*)> connection_;
};

}  // namespace boxoffice::harness
