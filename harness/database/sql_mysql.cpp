// Sql over libmariadb, for MariaDB and MySQL. See sql.hpp.
//
// Without parameters a statement goes as text, so that nothing needs to be preparable; with
// parameters it is prepared, and all of them are bound as strings, which the server converts.
#include <errmsg.h>
#include <mysql.h>

#include <algorithm>
#include <cstring>

#include "harness/database/mysql_url.hpp"
#include "harness/database/sql.hpp"

namespace boxoffice::harness {

namespace {

struct Free {
  void operator()(MYSQL_RES* result) const { mysql_free_result(result); }
  void operator()(MYSQL_STMT* statement) const { mysql_stmt_close(statement); }
  void operator()(MYSQL* connection) const { mysql_close(connection); }
};
using Result = std::unique_ptr<MYSQL_RES, Free>;
using Statement = std::unique_ptr<MYSQL_STMT, Free>;

constexpr unsigned k_connect_timeout_s = 10;

// The harness's $1, $2 as MySQL's `?`, and for each `?` the parameter it stands for (from 0). A `$`
// inside quotes is text.
struct Positional {
  std::string sql;
  std::vector<std::size_t> parameters;
};

Positional positional(const std::string& sql) {
  Positional translated;
  char quote = 0;
  for (std::size_t i = 0; i < sql.size(); ++i) {
    const char c = sql[i];
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '\'' || c == '"' || c == '`') {
      quote = c;
    } else if (c == '$' && i + 1 < sql.size() && sql[i + 1] >= '1' && sql[i + 1] <= '9') {
      std::size_t digits = 0;
      translated.parameters.push_back(std::stoul(sql.substr(i + 1), &digits) - 1);
      translated.sql += '?';
      i += digits;
      continue;
    }
    translated.sql += c;
  }
  return translated;
}

class MysqlConnection : public SqlConnection {
 public:
  explicit MysqlConnection(const MysqlUrl& url) : connection_(mysql_init(nullptr)) {
    MYSQL* mysql = connection_.get();
    const my_bool verify = url.verify ? 1 : 0, enforce = url.tls ? 1 : 0;
    mysql_options(mysql, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    mysql_options(mysql, MYSQL_OPT_CONNECT_TIMEOUT, &k_connect_timeout_s);
    mysql_options(mysql, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verify);
    mysql_options(mysql, MYSQL_OPT_SSL_ENFORCE, &enforce);
    if (!url.ca.empty()) mysql_options(mysql, MYSQL_OPT_SSL_CA, url.ca.c_str());
    // "localhost" alone would mean the default socket of the machine's own server.
    const mysql_protocol_type protocol =
        url.socket.empty() ? MYSQL_PROTOCOL_TCP : MYSQL_PROTOCOL_SOCKET;
    mysql_options(mysql, MYSQL_OPT_PROTOCOL, &protocol);
    if (!mysql_real_connect(mysql, url.host.c_str(), url.user.c_str(), url.password.c_str(),
                            url.name.empty() ? nullptr : url.name.c_str(), url.port,
                            url.socket.empty() ? nullptr : url.socket.c_str(),
                            CLIENT_MULTI_STATEMENTS | CLIENT_MULTI_RESULTS)) {
      fail();
    }
    // libmariadb goes on in the clear where the server offers no TLS and nobody is to be verified.
    if (url.tls && !mysql_get_ssl_cipher(mysql))
      throw SqlError(std::to_string(CR_SSL_CONNECTION_ERROR), "the server offers no TLS");
    run("SET time_zone = '+00:00'; SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED");
  }

  std::vector<SqlRow> query(const std::string& sql,
                            const std::vector<std::string>& parameters) override {
    return parameters.empty() ? results_of_text(sql) : results_of_prepared(sql, parameters);
  }

  void run(const std::string& sql) override { results_of_text(sql); }

 private:
  [[noreturn]] void fail() const {
    throw SqlError(std::to_string(mysql_errno(connection_.get())), mysql_error(connection_.get()));
  }
  [[noreturn]] static void fail(MYSQL_STMT* statement) {
    throw SqlError(std::to_string(mysql_stmt_errno(statement)), mysql_stmt_error(statement));
  }

  // The rows of the last statement; each one's result must be taken before the next one's comes.
  std::vector<SqlRow> results_of_text(const std::string& sql) {
    MYSQL* mysql = connection_.get();
    if (mysql_real_query(mysql, sql.data(), sql.size()) != 0) fail();
    std::vector<SqlRow> rows;
    for (;;) {
      rows.clear();
      if (const Result result(mysql_store_result(mysql)); result) {
        const unsigned columns = mysql_num_fields(result.get());
        while (MYSQL_ROW row = mysql_fetch_row(result.get())) {
          const unsigned long* lengths = mysql_fetch_lengths(result.get());
          SqlRow& kept = rows.emplace_back();
          for (unsigned c = 0; c < columns; ++c) {
            if (row[c])
              kept.emplace_back(std::string(row[c], lengths[c]));
            else
              kept.emplace_back();
          }
        }
      } else if (mysql_errno(mysql) != 0) {
        fail();
      }
      const int next = mysql_next_result(mysql);
      if (next > 0) fail();
      if (next < 0) return rows;
    }
  }

  std::vector<SqlRow> results_of_prepared(const std::string& sql,
                                          const std::vector<std::string>& parameters) {
    const Positional translated = positional(sql);
    const Statement statement(mysql_stmt_init(connection_.get()));
    const my_bool measure = 1;  // the longest value of each column, to size the buffers with
    mysql_stmt_attr_set(statement.get(), STMT_ATTR_UPDATE_MAX_LENGTH, &measure);
    if (mysql_stmt_prepare(statement.get(), translated.sql.data(), translated.sql.size()) != 0)
      fail(statement.get());
    std::vector<MYSQL_BIND> binds(translated.parameters.size());
    for (std::size_t i = 0; i < binds.size(); ++i) {
      if (translated.parameters[i] >= parameters.size())
        throw SqlError("07001", "a parameter is missing: " + sql);
      const std::string& value = parameters[translated.parameters[i]];
      binds[i].buffer_type = MYSQL_TYPE_STRING;
      binds[i].buffer = const_cast<char*>(value.data());
      binds[i].buffer_length = value.size();
    }
    if (!binds.empty() && mysql_stmt_bind_param(statement.get(), binds.data()) != 0)
      fail(statement.get());
    if (mysql_stmt_execute(statement.get()) != 0 || mysql_stmt_store_result(statement.get()) != 0)
      fail(statement.get());
    return rows_of(statement.get());
  }

  static std::vector<SqlRow> rows_of(MYSQL_STMT* statement) {
    const Result columns(mysql_stmt_result_metadata(statement));
    if (!columns) return {};  // no result set
    struct Cell {
      std::string text;
      unsigned long length = 0;
      my_bool null = 0;
    };
    std::vector<Cell> cells(mysql_num_fields(columns.get()));
    std::vector<MYSQL_BIND> binds(cells.size());
    for (std::size_t c = 0; c < cells.size(); ++c) {
      const auto field = static_cast<unsigned>(c);
      cells[c].text.resize(
          std::max(64UL, mysql_fetch_field_direct(columns.get(), field)->max_length));
      binds[c].buffer_type = MYSQL_TYPE_STRING;
      binds[c].buffer = cells[c].text.data();
      binds[c].buffer_length = cells[c].text.size();
      binds[c].length = &cells[c].length;
      binds[c].is_null = &cells[c].null;
    }
    if (!binds.empty() && mysql_stmt_bind_result(statement, binds.data()) != 0) fail(statement);
    std::vector<SqlRow> rows;
    for (int got; (got = mysql_stmt_fetch(statement)) != MYSQL_NO_DATA;) {
      if (got != 0) fail(statement);
      SqlRow& row = rows.emplace_back();
      for (const Cell& cell : cells) {
        if (cell.null)
          row.emplace_back();
        else
          row.emplace_back(cell.text.substr(0, cell.length));
      }
    }
    return rows;
  }

  std::unique_ptr<MYSQL, Free> connection_;
};

}  // namespace

std::unique_ptr<SqlConnection> connect_mysql(const std::string& url) {
  return std::make_unique<MysqlConnection>(parse_mysql_url(url));
}

}  // namespace boxoffice::harness
