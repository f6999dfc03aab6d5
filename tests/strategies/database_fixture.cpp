#include "tests/strategies/database_fixture.hpp"

#include <fmt/format.h>

#include <atomic>
#include <map>
#include <thread>

#include "strategies/migrate.hpp"
#include "strategies/registry.hpp"

namespace boxoffice::tests {

using namespace strategies;

harness::PrivateDatabaseOptions server_options() {
  harness::PrivateDatabaseOptions options;
  options.durability = harness::Durability::relaxed;
  options.storage = harness::Storage::memory;
  options.connections_max = 100;
  options.mysql_root = BOXOFFICE_SOURCE_DIR "/build/mysql-root";
  return options;
}

namespace {

// PostgreSQL copies a migrated template, which is faster than to migrate; MySQL has no such thing.
void make_migrated(const std::string& product, const std::string& name) {
  harness::PrivateDatabase& server = shared_server(product);
  if (product != "postgresql") {
    harness::Sql(server.url()).run("CREATE DATABASE " + name);
    migrate(Database(server.url(name)));
    return;
  }
  static const bool migrated = [&] {
    harness::Sql(server.url()).run("CREATE DATABASE migrated");
    migrate(Database(server.url("migrated")));
    return true;
  }();
  EXPECT_TRUE(migrated);
  harness::Sql(server.url()).run(fmt::format("CREATE DATABASE {} TEMPLATE migrated", name));
}

std::string make_database(const std::string& product) {
  static std::atomic<int> count = 0;
  const std::string name = fmt::format("test{}", ++count);
  make_migrated(product, name);
  return name;
}

}  // namespace

harness::PrivateDatabase& shared_server(const std::string& product) {
  static std::map<std::string, std::unique_ptr<harness::PrivateDatabase>> servers;
  auto& server = servers[product];
  if (!server) server = harness::start_private_database(product, server_options());
  return *server;
}

std::vector<std::string> products() {
  std::vector<std::string> names = {"postgresql", "mariadb"};
  if (harness::why_not_installed("mysql", server_options()).empty()) names.push_back("mysql");
  return names;
}

std::vector<std::string> mysql_products() {
  auto names = products();
  std::erase(names, "postgresql");
  return names;
}

TEST(Servers, mysqlIsThere) {
  const std::string why = harness::why_not_installed("mysql", server_options());
  if (!why.empty()) GTEST_SKIP() << "NOT TESTED: no MySQL (`make mysql` prepares one): " << why;
  EXPECT_EQ("mysql", shared_server("mysql").product());
}

DatabaseTest::DatabaseTest(const std::string& product)
    : product_(product),
      name_(make_database(product)),
      url_(shared_server(product).url(name_)),
      sql_(url_) {}

DatabaseTest::~DatabaseTest() = default;

std::unique_ptr<Connection> DatabaseTest::connect(const SessionLimits& limits) const {
  return Database(url_, limits).connect();
}

std::string DatabaseTest::url_as(const std::string& user, const std::string& database,
                                 const std::string& more) const {
  return fmt::format("{}://{}@127.0.0.1:{}/{}{}", on_postgresql() ? "postgresql" : "mysql", user,
                     shared_server(product_).port(), database, more);
}

std::string DatabaseTest::url_at(int port) const {
  return fmt::format(fmt::runtime(sql_for("postgresql://postgres@127.0.0.1:{}/{}?sslmode=disable"
                                          "&gssencmode=disable",
                                          "mysql://root@127.0.0.1:{}/{}")),
                     port, name_);
}

std::string DatabaseTest::make_empty_database(const std::string& suffix) {
  const std::string name = name_ + suffix;
  harness::Sql(shared_server(product_).url()).run("CREATE DATABASE " + name);
  return shared_server(product_).url(name);
}

EventId DatabaseTest::add_event(std::int64_t tickets) {
  sql_.query(sql_for("INSERT INTO events (name, total_tickets, available_tickets, event_date)"
                     " VALUES ('Concert', $1, $1, now() + interval '1 day')",
                     "INSERT INTO events (name, total_tickets, available_tickets, event_date)"
                     " VALUES ('Concert', $1, $1, NOW(6) + INTERVAL 1 DAY)"),
             {std::to_string(tickets)});
  return {sql_.number("SELECT max(id) FROM events")};
}

UserId DatabaseTest::add_user() {
  sql_.run(
      sql_for("INSERT INTO users (name, email, password) VALUES ('Ann', gen_random_uuid(), '!')",
              "INSERT INTO users (name, email, password) VALUES ('Ann', UUID(), '!')"));
  return {sql_.number("SELECT max(id) FROM users")};
}

ReserveCommand DatabaseTest::command(EventId event, UserId user, std::chrono::microseconds hold,
                                     std::int64_t quantity) {
  return {event, user, quantity, sql_.text(sql_for("SELECT gen_random_uuid()", "SELECT UUID()")),
          hold};
}

std::int64_t DatabaseTest::available(EventId event) {
  return sql_.number("SELECT available_tickets FROM events WHERE id = $1",
                     {std::to_string(event.value)});
}

std::int64_t DatabaseTest::version(EventId event) {
  return sql_.number("SELECT version FROM events WHERE id = $1", {std::to_string(event.value)});
}

void DatabaseTest::expect_identity(EventId event) {
  EXPECT_EQ(0,
            sql_.number(
                "SELECT total_tickets - available_tickets - (SELECT coalesce(sum(quantity), 0) FROM"
                " reservations r WHERE r.event_id = e.id AND status IN ('reserved', 'purchased'))"
                " FROM events e WHERE id = $1",
                {std::to_string(event.value)}));
}

void DatabaseTest::wait_until(const std::string& sql) {
  const auto give_up = std::chrono::steady_clock::now() + 10s;
  while (sql_.number(sql) != 1) {
    ASSERT_LT(std::chrono::steady_clock::now(), give_up) << "never became true: " << sql;
    std::this_thread::sleep_for(2ms);
  }
}

int DatabaseTest::lock_waits() {
  if (on_postgresql()) {
    return static_cast<int>(
        sql_.number("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                    " AND wait_event_type = 'Lock'"));
  }
  // Rows: of the whole server, which is ours. innodb_trx would be of no use: it shows the past
  // while it is asked more often than ten times a second.
  const auto rows = sql_.query("SHOW GLOBAL STATUS LIKE 'Innodb_row_lock_current_waits'");
  return std::stoi(rows.at(0).at(1).value()) +
         static_cast<int>(sql_.number("SELECT count(*) FROM information_schema.processlist WHERE"
                                      " db = DATABASE() AND state ="
                                      " 'Waiting for table metadata lock'"));
}

void DatabaseTest::wait_for_lock_waits(int sessions) {
  const auto give_up = std::chrono::steady_clock::now() + 10s;
  while (lock_waits() < sessions) {
    ASSERT_LT(std::chrono::steady_clock::now(), give_up) << "never " << sessions << " lock waits";
    std::this_thread::sleep_for(2ms);
  }
}

std::string name_of(const ::testing::TestParamInfo<StrategyOn>& test) {
  return test.param.product + "_" + test.param.strategy;
}

void PrintTo(const StrategyOn& on, std::ostream* out) {
  *out << on.strategy << " on " << on.product;
}

std::vector<StrategyOn> sound_strategies(const std::vector<std::string>& on) {
  std::vector<StrategyOn> all;
  for (const std::string& product : on) {
    for (const char* strategy : {"pessimistic", "optimistic", "atomic"})
      all.push_back({product, strategy});
  }
  return all;
}

StrategyTest::StrategyTest()
    : DatabaseTest(GetParam().product), strategy_(make_strategy(GetParam().strategy)) {}

}  // namespace boxoffice::tests
