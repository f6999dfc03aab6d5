// See test_database.hpp.
#include "harness/database/test_database.hpp"

#include <fmt/format.h>

#include <random>

#include "harness/failure.hpp"

namespace boxoffice::harness {

namespace {

constexpr int k_past_reservations = 3000;

bool is_url(const std::string& database) {
  return database.starts_with("postgresql://") || database.starts_with("postgres://");
}

// The same URL with another database name: its path lies between the authority and the query.
std::string with_database(const std::string& url, const std::string& name) {
  const auto authority = url.find("//") + 2;
  const auto query = std::min(url.find('?', authority), url.size());
  const auto path = std::min(url.find('/', authority), query);
  return url.substr(0, path) + "/" + name + url.substr(query);
}

std::string random_name() {
  std::random_device random;
  return fmt::format("boxoffice_{:08x}", random());
}

void create(const std::string& admin_url, const std::string& name) {
  try {
    Sql(admin_url).run("CREATE DATABASE " + name);
  } catch (const SqlError& error) {
    throw UsageError(fmt::format(
        "cannot create a database of its own on the server of --database: {}", error.what()));
  }
}

}  // namespace

TestDatabase::TestDatabase(const DatabaseChoice& choice)
    : name_(random_name()), storage_(choice.storage) {
  if (is_url(choice.database)) {
    admin_url_ = choice.database;
    url_ = with_database(choice.database, name_);
  } else if (choice.database == "postgresql") {
    try {
      private_ = std::make_unique<PrivatePostgresql>(
          PrivateDatabaseOptions{.durability = choice.durability,
                                 .storage = choice.storage,
                                 .connections_max = 300,
                                 .binaries = choice.postgresql_binaries});
    } catch (const std::runtime_error& error) {
      throw UsageError(error.what());
    }
    admin_url_ = private_->url();
    url_ = private_->url(name_);
  } else {
    throw UsageError(fmt::format(
        "--database '{}': this program knows 'postgresql' (a private one) and postgresql:// URLs",
        choice.database));
  }
  create(admin_url_, name_);
}

TestDatabase::~TestDatabase() {
  if (private_) return;  // goes with its server
  try {
    Sql(admin_url_).run(fmt::format("DROP DATABASE {} WITH (FORCE)", name_));
  } catch (const SqlError& error) {
    fmt::print(stderr, "boxoffice: could not drop database {}: {}\n", name_, error.what());
  }
}

std::string TestDatabase::version() {
  const std::string text = connect().text("SELECT version()");
  return text.substr(0, text.find(' ', text.find(' ') + 1));
}

std::vector<std::pair<std::string, std::string>> TestDatabase::settings() {
  std::vector<std::pair<std::string, std::string>> settings;
  for (const auto& row :
       connect().query("SELECT name, setting || coalesce(unit, '') FROM pg_settings WHERE name IN "
                       "('fsync', 'synchronous_commit',"
                       " 'full_page_writes', 'shared_buffers', 'max_connections', 'wal_level', "
                       "'autovacuum', 'max_wal_size',"
                       " 'deadlock_timeout', 'wal_sync_method', 'commit_delay') ORDER BY name")) {
    settings.emplace_back(row[0].value(), row[1].value());
  }
  return settings;
}

std::string TestDatabase::durability() {
  Sql sql = connect();
  const bool full = sql.text("SHOW fsync") == "on" && sql.text("SHOW synchronous_commit") != "off";
  return full ? "full" : "relaxed";
}

std::string TestDatabase::storage() const {
  if (!private_) return "unknown";
  return storage_ == Storage::memory ? "memory" : "disk";
}

std::vector<std::int64_t> TestDatabase::reset(const Scenario& scenario) {
  Sql sql = connect();
  // A trial's server is gone by now, but the last of its sessions may still be closing.
  sql.run("SET lock_timeout = '10s'");
  sql.run("BEGIN; TRUNCATE reservations RESTART IDENTITY; DELETE FROM events");
  const std::string past = std::to_string(
      sql.number("INSERT INTO events (name, total_tickets, available_tickets, event_date, version)"
                 " VALUES ('Past event', $1, 0, now() - interval '30 days', $1) RETURNING id",
                 {std::to_string(k_past_reservations)}));
  sql.query(
      "INSERT INTO reservations (event_id, user_id, quantity, status, expires_at, purchased_at, "
      "request_id,"
      " event_version, created_at, updated_at) SELECT $1, u.first + i % u.many, 1, 'purchased',"
      " now() - interval '30 days', now() - interval '31 days', 'past-' || i, i, now() - interval "
      "'31 days',"
      " now() - interval '31 days' FROM generate_series(1, $2) AS i,"
      " (SELECT min(id) AS first, count(*) AS many FROM users) AS u",
      {past, std::to_string(k_past_reservations)});
  std::vector<std::int64_t> events;
  for (const auto& row :
       sql.query("INSERT INTO events (name, total_tickets, available_tickets, event_date)"
                 " SELECT 'Event ' || i, $2::bigint, $2::bigint, now() + interval '30 days'"
                 " FROM generate_series(1, $1) AS i RETURNING id",
                 {std::to_string(scenario.events), std::to_string(scenario.tickets)})) {
    events.push_back(std::stoll(row[0].value()));
  }
  sql.run("COMMIT");
  sql.run("VACUUM ANALYZE events");
  sql.run("VACUUM ANALYZE reservations");
  if (private_) sql.run("CHECKPOINT");
  return events;
}

std::int64_t TestDatabase::deadlocks() {
  return connect().number(
      "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()");
}

}  // namespace boxoffice::harness
