// Statements that ODB's mapping cannot express (UPDATE ... RETURNING), on the native handle: the
// one place for it.
//
// A Statement is named SQL, written above the function that uses it; each session prepares it at
// first use. Parameters and results are integers and short texts, which is all that the strategies
// need.
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

struct Statement {
  const char* name;
  const char* sql;
};

/// A parameter, as the text that the server reads.
class Parameter {
 public:
  Parameter(std::int64_t value) : text_(std::to_string(value)) {}  // NOLINT: implicit by design
  Parameter(std::string_view value) : text_(value) {}              // NOLINT
  Parameter(const std::string& value) : text_(value) {}            // NOLINT
  const char* text() const { return text_.c_str(); }

 private:
  std::string text_;
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

/// Runs the statement; rows in the server's order. Throws what ODB throws (classify.hpp reads it).
std::vector<Row> execute(Connection&, const Statement&, std::initializer_list<Parameter>);
std::vector<Row> execute(Transaction&, const Statement&, std::initializer_list<Parameter>);
/// The first row, if any.
std::optional<Row> execute_one(Transaction&, const Statement&, std::initializer_list<Parameter>);

}  // namespace boxoffice::strategies
