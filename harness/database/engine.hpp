// What the harness must say differently to different engines, each statement beside its
// counterpart: PostgreSQL's SQL, and the one that MySQL and MariaDB share. Whatever is not here is
// said in words that all of them understand.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "harness/database/sql.hpp"

namespace boxoffice::harness {

struct EngineSql {
  /// Rows (name, value): the settings that a figure depends on.
  const char* settings;
  /// "full" where a commit is on disk before it is acknowledged, otherwise "relaxed".
  const char* durability;
  /// Deadlocks that the server has counted so far: in this database on PostgreSQL, in all on MySQL.
  const char* deadlocks;
  /// Rows (name, number) of what it did so far, under the names that activity.cpp knows.
  const char* activity;
  const char* bounded_lock_waits;             ///< 10 s for this session
  const char* empty_reservations;             ///< ids begin at 1 again
  std::vector<const char*> fresh_statistics;  ///< so that plans are those of the data
  const char* checkpoint;                     ///< null where there is none to ask for
  const char* begin_snapshot;                 ///< a transaction whose reads are all of one moment
  const char* microseconds;  ///< of a time, since the Unix epoch; {} stands for the column
  /// How many other sessions have a transaction open in this database.
  const char* open_transactions;
  /// How many other sessions' transactions this account may not see; refused where that is all.
  const char* unseen_sessions;
  const char* sight_grant;  ///< what an administrator would run about it
  /// How often open_transactions may be asked: InnoDB refreshes its list only after 100 ms without
  /// a question.
  std::chrono::milliseconds open_transactions_pause;
  const char* drop_database;  ///< {} stands for the name
};

const EngineSql& engine_sql(SqlDialect dialect);

/// What a server is, by what it says of itself: MariaDB is never called MySQL.
struct ServerName {
  std::string product;  ///< "postgresql", "mariadb", "mysql", or another that speaks the dialect
  std::string version;  ///< "PostgreSQL 15.18", "MariaDB 10.11.19", "MySQL 9.7.4"
};

/// `said` is the reply to SELECT version().
ServerName server_name(SqlDialect dialect, const std::string& said);

}  // namespace boxoffice::harness
