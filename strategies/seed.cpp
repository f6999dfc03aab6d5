// See seed.hpp. Rows are made inside the database, so that nothing large crosses
// the wire but the tokens that the caller asked for; a token's plaintext is a hash of a secret and
// the user's id, its stored form the SHA-256 of that plaintext, as for a token made by a log-in.
#include "strategies/seed.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <vector>

#include "strategies/outside.hpp"
#include "strategies/session.hpp"
#include "strategies/statement.hpp"
#include "strategies/transaction.hpp"

namespace boxoffice::strategies {

namespace {

// 1 to a million, for engines without generate_series.
#define BOXOFFICE_DIGITS                                                                           \
  "(SELECT 0 AS d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4"     \
  " UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT " \
  "9)"
#define BOXOFFICE_MILLION                                                                          \
  "(SELECT 1 + a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d + 100000 * g.d AS i "         \
  "FROM " BOXOFFICE_DIGITS " a, " BOXOFFICE_DIGITS " b, " BOXOFFICE_DIGITS " c, " BOXOFFICE_DIGITS \
  " e, " BOXOFFICE_DIGITS " f, " BOXOFFICE_DIGITS " g)"
constexpr std::int64_t k_rows_max = 1'000'000;

constexpr Statement k_newest_user =
    portable("seed_newest_user", "SELECT coalesce(max(id), 0) FROM users");
constexpr Statement k_newest_event =
    portable("seed_newest_event", "SELECT coalesce(max(id), 0) FROM events");
constexpr Statement k_event_ids =
    portable("seed_event_ids", "SELECT id FROM events WHERE id > $1 ORDER BY id");

// $1 how many, $2 whether the first is an administrator, $3 the newest user before. A password hash
// that no password has: seeded users log in with their token only.
constexpr Statement k_users{
    "seed_users",
    "INSERT INTO users (name, email, password, role)"
    " SELECT 'User ' || ($3::bigint + i), 'user' || ($3::bigint + i) || '@example.test', '!',"
    " CASE WHEN i = 1 AND $2::bigint = 1 THEN 'admin' ELSE 'user' END"
    " FROM generate_series(1, $1::bigint) AS i",
    "INSERT INTO users (name, email, password, role)"
    " SELECT CONCAT('User ', $3 + i), CONCAT('user', $3 + i, '@example.test'), '!',"
    " CASE WHEN i = 1 AND $2 = 1 THEN 'admin' ELSE 'user' END"
    " FROM " BOXOFFICE_MILLION " AS series WHERE i <= $1 ORDER BY i"};
// $1 the secret, $2 the newest user before.
constexpr Statement k_tokens{
    "seed_tokens",
    "INSERT INTO personal_access_tokens (user_id, name, token)"
    " SELECT id, 'seed', encode(sha256(convert_to(encode(sha256(convert_to($1 || id, 'UTF8')),"
    " 'hex'), 'UTF8')), 'hex') FROM users WHERE id > $2 ORDER BY id",
    "INSERT INTO personal_access_tokens (user_id, name, token)"
    " SELECT id, 'seed', SHA2(SHA2(CONCAT($1, id), 256), 256) FROM users WHERE id > $2 ORDER BY "
    "id"};
constexpr Statement k_plaintexts{
    "seed_plaintexts",
    "SELECT user_id, id || '|' || encode(sha256(convert_to($1 || user_id, 'UTF8')), 'hex')"
    " FROM personal_access_tokens WHERE user_id > $2 ORDER BY user_id",
    "SELECT user_id, CONCAT(id, '|', SHA2(CONCAT($1, user_id), 256))"
    " FROM personal_access_tokens WHERE user_id > $2 ORDER BY user_id"};
// $1 how many, $2 tickets each.
constexpr Statement k_events{
    "seed_events",
    "INSERT INTO events (name, description, total_tickets, available_tickets, price, event_date)"
    " SELECT 'Event ' || i, 'A seeded event', $2::bigint, $2::bigint, 25.00,"
    " now() + interval '30 days' FROM generate_series(1, $1::bigint) AS i",
    "INSERT INTO events (name, description, total_tickets, available_tickets, price, event_date)"
    " SELECT CONCAT('Event ', i), 'A seeded event', $2, $2, 25.00, NOW(6) + INTERVAL 30 DAY"
    " FROM " BOXOFFICE_MILLION " AS series WHERE i <= $1 ORDER BY i"};
// Reservations of a past event, spread over the users: tables that are empty make the planner
// choose plans that are wrong as soon as they fill.
constexpr Statement k_past_event{
    "seed_past_event",
    "INSERT INTO events (name, description, total_tickets, available_tickets, event_date, version)"
    " VALUES ('Past event', 'Sold out long ago', $1, 0, now() - interval '30 days', $1)"
    " RETURNING id",
    "INSERT INTO events (name, description, total_tickets, available_tickets, event_date, version)"
    " VALUES ('Past event', 'Sold out long ago', $1, 0, NOW(6) - INTERVAL 30 DAY, $1)"};
constexpr Statement k_past_reservations{
    "seed_past_reservations",
    "INSERT INTO reservations (event_id, user_id, quantity, status, expires_at, purchased_at,"
    " request_id, event_version, created_at, updated_at)"
    " SELECT $1::bigint, u.first + (i % u.many), 1, 'purchased', now() - interval '30 days',"
    " now() - interval '31 days', gen_random_uuid()::text, i, now() - interval '31 days',"
    " now() - interval '31 days' FROM generate_series(1, $2::bigint) AS i,"
    " (SELECT min(id) AS first, count(*) AS many FROM users) AS u",
    "INSERT INTO reservations (event_id, user_id, quantity, status, expires_at, purchased_at,"
    " request_id, event_version, created_at, updated_at)"
    " SELECT $1, u.first + (i % u.many), 1, 'purchased', NOW(6) - INTERVAL 30 DAY,"
    " NOW(6) - INTERVAL 31 DAY, UUID(), i, NOW(6) - INTERVAL 31 DAY, NOW(6) - INTERVAL 31 DAY"
    " FROM " BOXOFFICE_MILLION
    " AS series,"
    " (SELECT min(id) AS first, count(*) AS many FROM users) AS u WHERE i <= $2 ORDER BY i"};
constexpr Statement k_filled =
    portable("seed_filled",
             "(SELECT 'users' FROM users LIMIT 1) UNION ALL (SELECT 'events' FROM events LIMIT 1)"
             " UNION ALL (SELECT 'reservations' FROM reservations LIMIT 1)"
             " UNION ALL (SELECT 'personal_access_tokens' FROM personal_access_tokens LIMIT 1)");

/// Plans follow the statistics, and the tables are full now. Not of a table without a row: its
/// statistics would say that reading all of it costs nothing, and PostgreSQL's sessions keep such
/// a plan while a rush fills it. Of a table that it knows nothing of it reads an index.
void refresh_statistics(Connection& connection, const std::vector<Row>& filled) {
  const bool is_postgresql = connection.dialect() == Dialect::postgresql;
  for (const Row& table : filled)
    connection.session().run((is_postgresql ? "VACUUM ANALYZE " : "ANALYZE TABLE ") +
                             table.text(0));
}

std::string random_secret() {
  if (sodium_init() < 0) throw Failure(FailureCode::internal, "libsodium cannot start");
  std::vector<unsigned char> bytes(32);
  randombytes_buf(bytes.data(), bytes.size());
  std::string hex(bytes.size() * 2 + 1, '\0');
  sodium_bin2hex(hex.data(), hex.size(), bytes.data(), bytes.size());
  hex.pop_back();
  return hex;
}

void seed_users(Transaction& transaction, const SeedPlan& plan,
                const std::function<void(UserId, std::string)>& on_token) {
  const std::int64_t newest = execute(transaction, k_newest_user, {}).rows.front().integer(0);
  execute(transaction, k_users, {plan.users, std::int64_t{plan.admin}, newest});
  const std::string secret = (plan.secret.empty() ? random_secret() : plan.secret) + "/";
  execute(transaction, k_tokens, {secret, newest});
  const auto tokens = execute(transaction, k_plaintexts, {secret, newest}).rows;
  for (const Row& row : tokens) on_token(UserId{row.integer(0)}, row.text(1));
}

void seed_events(Transaction& transaction, const SeedPlan& plan,
                 const std::function<void(EventId)>& on_event) {
  const std::int64_t newest = execute(transaction, k_newest_event, {}).rows.front().integer(0);
  execute(transaction, k_events, {plan.events, plan.tickets});
  const auto events = execute(transaction, k_event_ids, {newest}).rows;
  for (const Row& row : events) on_event(EventId{row.integer(0)});
}

void seed_all(Connection& connection, const SeedPlan& plan,
              const std::function<void(UserId, std::string)>& on_token,
              const std::function<void(EventId)>& on_event) {
  Transaction transaction(connection);
  if (plan.users > 0) seed_users(transaction, plan, on_token);
  if (plan.events > 0) seed_events(transaction, plan, on_event);
  if (plan.history_rows > 0) {
    const std::int64_t past = execute(transaction, k_past_event, {plan.history_rows}).made;
    execute(transaction, k_past_reservations, {past, plan.history_rows});
  }
  const auto filled = execute(transaction, k_filled, {}).rows;
  transaction.commit();
  refresh_statistics(connection, filled);
}

void check(const SeedPlan& plan) {
  for (const std::int64_t count : {plan.users, plan.events, plan.history_rows}) {
    if (count <= k_rows_max) continue;
    throw ConfigurationError(
        fmt::format("cannot seed {} rows: at most {} of a kind", count, k_rows_max));
  }
}

}  // namespace

void seed(const Database& database, const SeedPlan& plan,
          const std::function<void(UserId, std::string)>& on_token,
          const std::function<void(EventId)>& on_event) {
  check(plan);
  const auto connection = database.connect_patiently();
  try {
    seed_all(*connection, plan, on_token, on_event);
  } catch (const Failure&) {
    throw;
  } catch (...) {
    const DatabaseError error = classify_current_exception();
    throw Failure(error.kind == ErrorKind::connection_lost ? FailureCode::database_unavailable
                                                           : FailureCode::internal,
                  "seeding failed: " + error.what);
  }
}

}  // namespace boxoffice::strategies
