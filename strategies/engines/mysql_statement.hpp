// A prepared statement of MySQL's protocol, which carries numbers in binary and parameters by
// position.
#pragma once

#include <mysql/mysql.h>

#include <memory>
#include <vector>

#include "strategies/statement.hpp"
#include "strategies/traffic.hpp"

namespace boxoffice::strategies {

/// Throws the session's or statement's last error as ODB's exceptions do: connection_lost, deadlock
/// or odb::mysql::database_exception.
[[noreturn]] void throw_mysql_error(unsigned int number, const char* sqlstate, const char* message);

/// SQL whose parameters are written $1 to $9, as MySQL wants it.
struct Positional {
  std::string sql;                 ///< with "?"
  std::vector<std::size_t> order;  ///< for each "?", which parameter, from 0
};
Positional positional(const char* sql);

class MysqlStatement {
 public:
  /// Prepares it on the session; throws. What it sends it counts in `sent`, which outlives it.
  MysqlStatement(MYSQL* session, const char* sql, Traffic& sent);

  Answer execute(const std::vector<Parameter>& parameters);

 private:
  struct Close {
    void operator()(MYSQL_STMT* handle) const { mysql_stmt_close(handle); }
  };

  void check(int failed);
  std::int64_t ask_for_made_number();
  std::vector<Row> fetch_all();

  std::unique_ptr<MYSQL_STMT, Close> handle_;
  std::vector<std::size_t> order_;
  MYSQL* session_;
  Traffic& sent_;
  bool makes_a_number_;  // by LAST_INSERT_ID(...), never 0
};

}  // namespace boxoffice::strategies
