// See mysql_statement.hpp.
#include "strategies/engines/mysql_statement.hpp"

#include <mysql/errmsg.h>
#include <mysql/mysqld_error.h>

#include <algorithm>
#include <cctype>
#include <odb/exceptions.hxx>
#include <odb/mysql/exceptions.hxx>

namespace boxoffice::strategies {

void throw_mysql_error(unsigned int number, const char* sqlstate, const char* message) {
  if (number == CR_SERVER_GONE_ERROR || number == CR_SERVER_LOST) throw odb::connection_lost();
  if (number == ER_LOCK_DEADLOCK) throw odb::deadlock();
  throw odb::mysql::database_exception(number, sqlstate, message);
}

Positional positional(const char* sql) {
  Positional out;
  for (const char* c = sql; *c != '\0'; ++c) {
    if (*c != '$' || std::isdigit(static_cast<unsigned char>(c[1])) == 0) {
      out.sql += *c;
      continue;
    }
    out.sql += '?';
    out.order.push_back(static_cast<std::size_t>(*++c - '1'));
  }
  return out;
}

MysqlStatement::MysqlStatement(MYSQL* session, const char* sql, Traffic& sent)
    : handle_(mysql_stmt_init(session)),
      session_(session),
      sent_(sent),
      makes_a_number_(std::string_view(sql).find("LAST_INSERT_ID(") != std::string_view::npos) {
  if (!handle_) throw std::bad_alloc();
  Positional text = positional(sql);
  order_ = std::move(text.order);
  sent_.prepare();
  check(mysql_stmt_prepare(handle_.get(), text.sql.data(), text.sql.size()));
  const my_bool yes = 1;  // so that the longest value of each column is known before it is fetched
  mysql_stmt_attr_set(handle_.get(), STMT_ATTR_UPDATE_MAX_LENGTH, &yes);
}

void MysqlStatement::check(int failed) {
  if (failed == 0) return;
  throw_mysql_error(mysql_stmt_errno(handle_.get()), mysql_stmt_sqlstate(handle_.get()),
                    mysql_stmt_error(handle_.get()));
}

Answer MysqlStatement::execute(const std::vector<Parameter>& parameters) {
  std::vector<MYSQL_BIND> binds(order_.size());
  std::vector<std::int64_t> integers(order_.size());
  for (std::size_t i = 0; i < order_.size(); ++i) {
    const Parameter& parameter = parameters.at(order_[i]);
    MYSQL_BIND& bind = binds[i];
    if (parameter.integer()) {
      integers[i] = *parameter.integer();
      bind.buffer_type = MYSQL_TYPE_LONGLONG;
      bind.buffer = &integers[i];
    } else {
      bind.buffer_type = MYSQL_TYPE_STRING;
      bind.buffer = const_cast<char*>(parameter.text().data());
      bind.buffer_length = parameter.text().size();
    }
  }
  check(mysql_stmt_bind_param(handle_.get(), binds.data()));
  sent_.send(1);
  check(mysql_stmt_execute(handle_.get()));
  Answer answer;
  if (mysql_stmt_field_count(handle_.get()) > 0) {
    answer.rows = fetch_all();
  } else {
    answer.affected = static_cast<std::int64_t>(mysql_stmt_affected_rows(handle_.get()));
    answer.made = static_cast<std::int64_t>(mysql_stmt_insert_id(handle_.get()));
    if (makes_a_number_ && answer.made == 0 && answer.affected > 0)
      answer.made = ask_for_made_number();
  }
  return answer;
}

// A trigger on the table, somebody else's, hides the number that the statement made from its reply.
// The session still has it.
std::int64_t MysqlStatement::ask_for_made_number() {
  sent_.send(1);
  if (mysql_query(session_, "SELECT LAST_INSERT_ID()") != 0)
    throw_mysql_error(mysql_errno(session_), mysql_sqlstate(session_), mysql_error(session_));
  const std::unique_ptr<MYSQL_RES, void (*)(MYSQL_RES*)> result(mysql_store_result(session_),
                                                                mysql_free_result);
  const MYSQL_ROW row = result ? mysql_fetch_row(result.get()) : nullptr;
  const std::int64_t made = row && row[0] ? std::stoll(row[0]) : 0;
  if (made == 0)  // never a version that is none
    throw odb::mysql::database_exception(CR_UNKNOWN_ERROR, "HY000",
                                         "the number that an UPDATE made is not to be had");
  return made;
}

std::vector<Row> MysqlStatement::fetch_all() {
  check(mysql_stmt_store_result(handle_.get()));
  const std::unique_ptr<MYSQL_RES, void (*)(MYSQL_RES*)> columns(
      mysql_stmt_result_metadata(handle_.get()), mysql_free_result);
  const unsigned int count = mysql_num_fields(columns.get());
  std::vector<MYSQL_BIND> binds(count);
  std::vector<std::string> texts(count);
  std::vector<unsigned long> lengths(count);
  std::vector<my_bool> nulls(count);
  for (unsigned int c = 0; c < count; ++c) {
    // A number's text is longer than its binary form: 20 digits and a sign at most.
    texts[c].resize(std::max(mysql_fetch_field_direct(columns.get(), c)->max_length, 32UL));
    binds[c].buffer_type = MYSQL_TYPE_STRING;
    binds[c].buffer = texts[c].data();
    binds[c].buffer_length = texts[c].size();
    binds[c].length = &lengths[c];
    binds[c].is_null = &nulls[c];
  }
  check(mysql_stmt_bind_result(handle_.get(), binds.data()));
  std::vector<Row> rows;
  int fetched = 0;
  while ((fetched = mysql_stmt_fetch(handle_.get())) == 0) {
    std::vector<std::optional<std::string>> row(count);
    for (unsigned int c = 0; c < count; ++c) {
      if (nulls[c] == 0) row[c].emplace(texts[c], 0, lengths[c]);
    }
    rows.emplace_back(std::move(row));
  }
  if (fetched == MYSQL_DATA_TRUNCATED)  // a column longer than it said: never half a row
    throw odb::mysql::database_exception(CR_UNKNOWN_ERROR, "HY000", "a column was cut off");
  if (fetched != MYSQL_NO_DATA) check(fetched);
  mysql_stmt_free_result(handle_.get());
  return rows;
}

}  // namespace boxoffice::strategies
