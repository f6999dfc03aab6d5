// SQL that strategies and steps run: a Statement is one statement in each engine's words, side by
// side, written above the function that uses it. Nothing else in this folder asks which engine it
// talks to; what the engines do differently is in engines/.
//
// Both texts number their parameters $1 to $9 in the order of the call. Parameters and results
// are integers and short texts, which is all that the strategies need. Each session prepares a
// statement at first use.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace boxoffice::strategies {

class Transaction;
class Connection;

enum class Dialect { postgresql, mysql };  ///< mysql: MySQL and MariaDB

/// What a statement may have to wait for, beside the database's own work.
enum class Waits { for_nothing, for_row_lock };

struct Statement {
  const char* name;
  const char* postgresql;
  const char* mysql;
  Waits waits = Waits::for_nothing;

  const char* sql(Dialect dialect) const {
    return dialect == Dialect::postgresql ? postgresql : mysql;
  }
};

/// A statement that both engines read the same way.
constexpr Statement portable(const char* name, const char* sql, Waits waits = Waits::for_nothing) {
  return {name, sql, sql, waits};
}

/// A parameter: an integer, or the text that the server reads.
class Parameter {
 public:
  Parameter(std::int64_t value) : text_(std::to_string(value)), integer_(value) {}  // NOLINT
  Parameter(std::string_view value) : text_(value) {}                               // NOLINT
  Parameter(const std::string& value) : text_(value) {}                             // NOLINT
  const std::string& text() const { return text_; }
  const std::optional<std::int64_t>& integer() const { return integer_; }

 private:
  std::string text_;
  std::optional<std::int64_t> integer_;
};

/// A statement with its parameters.
struct Call {
  const Statement& statement;
  std::vector<Parameter> parameters;
};

/// One row of a result: text per column, absent for NULL.
class Row {
 public:
  explicit Row(std::vector<std::optional<std::string>> columns) : columns_(std::move(columns)) {}
  bool is_null(std::size_t column) const { return !columns_.at(column); }
  std::int64_t integer(std::size_t column) const { return std::stoll(columns_.at(column).value()); }
  const std::string& text(std::size_t column) const { return columns_.at(column).value(); }

 private:
  std::vector<std::optional<std::string>> columns_;
};

/// What one statement gave back.
struct Answer {
  std::vector<Row> rows;      ///< of a SELECT, in the server's order
  std::int64_t affected = 0;  ///< rows that it inserted or updated
  /// The number that an INSERT or UPDATE made, without a round trip of its own: the new id or
  /// version. PostgreSQL: RETURNING's only column; MySQL: AUTO_INCREMENT or LAST_INSERT_ID(...).
  std::int64_t made = 0;

  std::optional<Row> first() && {
    if (rows.empty()) return std::nullopt;
    return std::move(rows.front());
  }
};

/// Runs one statement. Throws what ODB throws (classify.hpp reads it).
Answer execute(Connection&, const Statement&, std::vector<Parameter> parameters);
Answer execute(Transaction&, const Statement&, std::vector<Parameter> parameters);
/// Runs several in their order, in one round trip where the engine can (PostgreSQL), one each where
/// it cannot. The first that fails ends the list, and its error is thrown.
std::vector<Answer> execute_all(Transaction&, const std::vector<Call>& calls);

}  // namespace boxoffice::strategies
