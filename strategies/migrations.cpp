// See migrations.hpp.
#include "strategies/migrations.hpp"

#include <charconv>
#include <stdexcept>
#include <string>
#include <utility>

namespace boxoffice::strategies {

using Files = std::vector<std::pair<std::string_view, std::string_view>>;
extern const Files k_postgresql_migrations;
extern const Files k_mysql_migrations;

namespace {

constexpr std::string_view k_oldest_program = "-- Oldest program: ";
constexpr std::string_view k_statement_by_statement = "-- Statement by statement";

std::int64_t number_at(std::string_view text, std::size_t at) {
  std::int64_t number = 0;
  std::from_chars(text.data() + at, text.data() + text.size(), number);
  return number;
}

std::vector<Migration> shipped(const Files& files, Dialect dialect) {
  std::vector<Migration> list;
  for (const auto& [file, sql] : files) list.push_back(read_migration(file, sql, dialect));
  return list;
}

std::vector<Migration>& list_of(Dialect dialect) {
  static auto postgresql = shipped(k_postgresql_migrations, Dialect::postgresql);
  static auto mysql = shipped(k_mysql_migrations, Dialect::mysql);
  return dialect == Dialect::postgresql ? postgresql : mysql;
}

}  // namespace

Migration read_migration(std::string_view file, std::string_view sql, Dialect dialect) {
  Migration step{number_at(file, 0), file, sql, 0, dialect == Dialect::mysql};
  const auto at = sql.find(k_oldest_program);
  if (at != sql.npos) step.oldest_program = number_at(sql, at + k_oldest_program.size());
  if (step.oldest_program < 1 || step.oldest_program > step.version)
    throw std::logic_error(std::string(file) + " does not say which programs run on it");
  if (sql.find(k_statement_by_statement) != sql.npos) step.statement_by_statement = true;
  return step;
}

const std::vector<Migration>& migrations(Dialect dialect) {
  return list_of(dialect);
}

std::int64_t program_schema_version(Dialect dialect) {
  return list_of(dialect).back().version;
}

void add_migration(std::string_view file, std::string_view postgresql, std::string_view mysql) {
  for (const auto& [dialect, sql] :
       {std::pair{Dialect::postgresql, postgresql}, std::pair{Dialect::mysql, mysql}}) {
    list_of(dialect).push_back(read_migration(file, sql, dialect));
  }
}

}  // namespace boxoffice::strategies
