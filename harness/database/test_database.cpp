// See test_database.hpp. What the engines say differently is in engine.cpp.
#include "harness/database/test_database.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <random>
#include <set>

#include "harness/audit/trail.hpp"
#include "harness/database/activity.hpp"
#include "harness/database/url_text.hpp"
#include "harness/failure.hpp"

namespace boxoffice::harness {

namespace {

constexpr int k_past_reservations = 3000;

// $1 the event. Digits are multiplied because a recursive query has another bound on each engine.
constexpr const char* k_insert_past_reservations =
    "INSERT INTO reservations (event_id, user_id, quantity, status, expires_at, purchased_at,"
    " request_id, event_version, created_at, updated_at)"
    " WITH {}"
    " SELECT $1, u.first_id + i % u.many, 1, 'purchased', t.sold, t.sold, concat('past-', i), i,"
    " t.sold, t.sold FROM numbers,"
    " (SELECT min(id) AS first_id, count(*) AS many FROM users) AS u,"
    " (SELECT current_timestamp - INTERVAL '31' DAY AS sold) AS t WHERE i <= {}";

// $1 tickets of each.
constexpr const char* k_insert_events =
    "INSERT INTO events (name, total_tickets, available_tickets, event_date)"
    " WITH {}"
    " SELECT concat('Event ', i), $1, $1, current_timestamp + INTERVAL '30' DAY FROM numbers"
    " WHERE i <= {}";

// numbers(i): 1 to 100,000.
constexpr const char* k_numbers =
    "digits AS (SELECT 0 AS d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3"
    " UNION ALL SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7"
    " UNION ALL SELECT 8 UNION ALL SELECT 9),"
    " numbers AS (SELECT 1 + a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d AS i"
    " FROM digits a, digits b, digits c, digits e, digits f)";

bool is_product(const std::string& text) {
  return std::ranges::count(private_products(), text) > 0;
}

bool begins_a_database(const std::string& text) {
  return dialect_of(text) || is_product(text.substr(0, text.find(',')));
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

}  // namespace

std::vector<DatabaseChoice> each_of(const DatabaseChoice& choice) {
  std::vector<DatabaseChoice> choices;
  std::set<std::string> seen;
  std::string rest = choice.database;
  for (std::size_t from = 0; !rest.empty();) {
    const auto comma = std::min(rest.find(',', from), rest.size());
    from = comma + 1;
    const bool parts = comma == rest.size() || begins_a_database(rest.substr(from));
    if (!parts) continue;
    DatabaseChoice& one = choices.emplace_back(choice);
    one.database = rest.substr(0, comma);
    if (!seen.insert(one.database).second)
      throw UsageError(fmt::format("--database: '{}' is there twice", one.database));
    rest.erase(0, std::min(from, rest.size()));
    from = 0;
  }
  return choices;
}

std::string installed_products(const DatabaseChoice& choice) {
  std::string installed;
  for (const std::string& product : private_products()) {
    const std::string missing = why_not_installed(
        product, {.binaries = choice.postgresql_binaries, .mysql_root = choice.mysql_root});
    if (!missing.empty()) continue;
    installed += (installed.empty() ? "" : ",") + product;
  }
  return installed.empty() ? "postgresql" : installed;
}

TestDatabase::TestDatabase(const DatabaseChoice& choice)
    : name_(random_name()),
      dialect_(dialect_of(choice.database).value_or(SqlDialect::postgresql)),
      storage_(choice.small_disk ? Storage::memory : choice.storage) {
  if (dialect_of(choice.database)) {
    admin_url_ = choice.database;
    url_ = with_database(choice.database, name_);
  } else {
    start_private(choice);
  }
  create();
}

void TestDatabase::start_private(const DatabaseChoice& choice) {
  if (!is_product(choice.database)) {
    const bool several = is_product(choice.database.substr(0, choice.database.find(',')));
    throw UsageError(
        fmt::format("--database '{}': {} (private ones: {}), or a postgresql:// or mysql:// URL",
                    without_password(choice.database),
                    several ? "this command takes one engine" : "no engine is called so",
                    fmt::join(private_products(), ", ")));
  }
  try {
    if (choice.small_disk) small_disk_ = std::make_unique<SmallDisk>();
    private_ = start_private_database(choice.database,
                                      {.durability = choice.durability,
                                       .storage = storage_,
                                       .connections_max = 300,
                                       .binaries = choice.postgresql_binaries,
                                       .mysql_root = choice.mysql_root,
                                       .data_disk = small_disk_ ? small_disk_->path() : ""});
  } catch (const std::runtime_error& error) {
    throw UsageError(error.what());
  }
  admin_url_ = private_->url();
  url_ = private_->url(name_);
  dialect_ = *dialect_of(url_);
}

void TestDatabase::create() {
  try {
    Sql admin(admin_url_);
    name_of_server_ = server_name(dialect_, admin.text("SELECT version()"));
    admin.run("CREATE DATABASE " + name_);
  } catch (const SqlError& error) {
    throw UsageError(
        fmt::format("cannot create a database of its own on the server of --database: {}",
                    without_password(error.what())));
  }
}

TestDatabase::~TestDatabase() {
  if (private_) return;  // goes with its server
  try {
    Sql(admin_url_).run(fmt::format(fmt::runtime(sql().drop_database), name_));
  } catch (const SqlError& error) {
    fmt::print(stderr, "boxoffice: could not drop database {}: {}\n", name_, error.what());
  }
}

std::optional<std::string> TestDatabase::note() const {
  if (private_) return std::nullopt;
  return fmt::format("database {} is made on that server, and dropped at the end", name_);
}

std::vector<std::pair<std::string, std::string>> TestDatabase::settings() {
  std::vector<std::pair<std::string, std::string>> settings;
  for (const auto& row : connect().query(sql().settings))
    settings.emplace_back(row[0].value(), row[1].value());
  return settings;
}

std::string TestDatabase::durability() {
  return connect().text(sql().durability);
}

std::string TestDatabase::storage() const {
  if (!private_) return "unknown";
  return storage_ == Storage::memory ? "memory" : "disk";
}

std::vector<std::int64_t> TestDatabase::reset(const Scenario& scenario) {
  Sql session = connect();
  // A trial's server is gone by now, but the last of its sessions may still be closing.
  session.run(sql().bounded_lock_waits);
  session.run(sql().empty_reservations);
  session.run("BEGIN");
  session.run("DELETE FROM events");
  session.query(
      "INSERT INTO events (name, total_tickets, available_tickets, event_date, version)"
      " VALUES ('Past event', $1, 0, current_timestamp - INTERVAL '30' DAY, $1)",
      {std::to_string(k_past_reservations)});
  const std::string past = session.text("SELECT id FROM events");
  session.query(
      fmt::format(fmt::runtime(k_insert_past_reservations), k_numbers, k_past_reservations),
      {past});
  session.query(fmt::format(fmt::runtime(k_insert_events), k_numbers, scenario.events),
                {std::to_string(scenario.tickets)});
  session.run("COMMIT");
  clear_trail(session);
  for (const char* statement : sql().fresh_statistics) session.run(statement);
  if (private_ && sql().checkpoint) session.run(sql().checkpoint);
  std::vector<std::int64_t> events;
  for (const auto& row : session.query("SELECT id FROM events WHERE id > $1 ORDER BY id", {past}))
    events.push_back(number(row[0]));
  return events;
}

std::string TestDatabase::url_through(int port) const {
  std::string url = private_->tcp_url(name_);
  const std::string own = fmt::format(":{}/", private_->port());
  return url.replace(url.find(own), own.size(), fmt::format(":{}/", port));
}

std::int64_t TestDatabase::deadlocks() {
  return connect().number(sql().deadlocks);
}

std::int64_t TestDatabase::commits() {
  Sql session = connect();
  return read_activity(session).commits.value_or(0);
}

}  // namespace boxoffice::harness
