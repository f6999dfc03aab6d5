// See seed.hpp. Rows are made inside the database by generate_series, so that nothing large crosses
// the wire but the tokens that the caller asked for; a token's plaintext is a hash of a secret and
// the user's id, its stored form the SHA-256 of that plaintext, as for a token made by a log-in.
#include "strategies/seed.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <vector>

#include "strategies/outside.hpp"
#include "strategies/statement.hpp"

namespace boxoffice::strategies {

namespace {

// A password hash that no password has: seeded users log in with their token only.
constexpr Statement k_users{
    "seed_users",
    "INSERT INTO users (name, email, password, role)"
    " SELECT 'User ' || (base.n + i), 'user' || (base.n + i) || '@example.test', '!',"
    "        CASE WHEN i = 1 AND $2::bigint = 1 THEN 'admin' ELSE 'user' END"
    " FROM generate_series(1, $1::bigint) AS i, (SELECT coalesce(max(id), 0) AS n FROM users) AS "
    "base"
    " RETURNING id"};
constexpr Statement k_tokens{
    "seed_tokens",
    "INSERT INTO personal_access_tokens (user_id, name, token)"
    " SELECT u.id, 'seed', encode(sha256(convert_to(encode(sha256(convert_to($1 || u.id, 'UTF8')), "
    "'hex'), 'UTF8')),"
    " 'hex') FROM users u WHERE u.id BETWEEN $2::bigint AND $3::bigint"
    " RETURNING user_id, id || '|' || encode(sha256(convert_to($1 || user_id, 'UTF8')), 'hex')"};
constexpr Statement k_events{
    "seed_events",
    "INSERT INTO events (name, description, total_tickets, available_tickets, price, event_date)"
    " SELECT 'Event ' || i, 'A seeded event', $2::bigint, $2::bigint, 25.00, now() + interval '30 "
    "days'"
    " FROM generate_series(1, $1::bigint) AS i RETURNING id"};
// Reservations of a past event, spread over the users: tables that are empty make the planner
// choose plans that are wrong as soon as they fill.
constexpr Statement k_past_event{
    "seed_past_event",
    "INSERT INTO events (name, description, total_tickets, available_tickets, event_date, version)"
    " SELECT 'Past event', 'Sold out long ago', $1::bigint, 0, now() - interval '30 days', "
    "$1::bigint RETURNING id"};
constexpr Statement k_past_reservations{
    "seed_past_reservations",
    "INSERT INTO reservations (event_id, user_id, quantity, status, expires_at, purchased_at, "
    "request_id,"
    " event_version, created_at, updated_at)"
    " SELECT $1::bigint, u.first + (i % u.many), 1, 'purchased', now() - interval '30 days',"
    "        now() - interval '31 days', gen_random_uuid()::text, i, now() - interval '31 days',"
    "        now() - interval '31 days'"
    " FROM generate_series(1, $2::bigint) AS i, (SELECT min(id) AS first, count(*) AS many FROM "
    "users) AS u"};

std::string random_secret() {
  if (sodium_init() < 0) throw Failure(FailureCode::internal, "libsodium cannot start");
  std::vector<unsigned char> bytes(32);
  randombytes_buf(bytes.data(), bytes.size());
  std::string hex(bytes.size() * 2 + 1, '\0');
  sodium_bin2hex(hex.data(), hex.size(), bytes.data(), bytes.size());
  hex.pop_back();
  return hex;
}

void seed_users(Connection& connection, const SeedPlan& plan,
                const std::function<void(UserId, std::string)>& on_token) {
  const auto users = execute(connection, k_users, {plan.users, std::int64_t{plan.admin}});
  const std::string secret = plan.secret.empty() ? random_secret() : plan.secret;
  const auto tokens = execute(connection, k_tokens,
                              {secret + "/", users.front().integer(0), users.back().integer(0)});
  for (const Row& row : tokens) on_token(UserId{row.integer(0)}, row.text(1));
}

void seed_all(Connection& connection, const SeedPlan& plan,
              const std::function<void(UserId, std::string)>& on_token,
              const std::function<void(EventId)>& on_event) {
  connection.odb().execute("SET statement_timeout = 0");
  odb::transaction transaction(connection.odb().begin());
  if (plan.users > 0) seed_users(connection, plan, on_token);
  if (plan.events > 0) {
    for (const Row& row : execute(connection, k_events, {plan.events, plan.tickets}))
      on_event(EventId{row.integer(0)});
  }
  if (plan.history_rows > 0) {
    const auto past = execute(connection, k_past_event, {plan.history_rows});
    execute(connection, k_past_reservations, {past.front().integer(0), plan.history_rows});
  }
  transaction.commit();
  connection.odb().execute("VACUUM ANALYZE");
}

}  // namespace

void seed(const Database& database, const SeedPlan& plan,
          const std::function<void(UserId, std::string)>& on_token,
          const std::function<void(EventId)>& on_event) {
  const auto connection = database.connect();
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
