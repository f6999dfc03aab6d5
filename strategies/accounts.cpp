// See accounts.hpp. A COMMIT that is lost is looked up by the token's hash, which no other request
// can have made.
#include "strategies/accounts.hpp"

#include "strategies/outside.hpp"
#include "strategies/rows.hpp"
#include "strategies/statement.hpp"
#include "strategies/transaction.hpp"

namespace boxoffice::strategies {

namespace {

constexpr Statement k_insert_user{
    "insert_user", "INSERT INTO users (name, email, password) VALUES ($1, $2, $3) RETURNING id",
    "INSERT INTO users (name, email, password) VALUES ($1, $2, $3)"};
// $5: lifetime in microseconds; 0: it does not expire.
constexpr Statement k_insert_token{
    "insert_token",
    "INSERT INTO personal_access_tokens (user_id, name, token, abilities, expires_at) VALUES ($1,"
    " $2, $3, $4, CASE WHEN $5::bigint > 0 THEN clock_timestamp() + $5::bigint * interval '1"
    " microsecond' END) RETURNING id",
    "INSERT INTO personal_access_tokens (user_id, name, token, abilities, expires_at) VALUES ($1,"
    " $2, $3, $4, CASE WHEN $5 > 0 THEN NOW(6) + INTERVAL $5 MICROSECOND END)"};
#define BOXOFFICE_USER(us) "id, name, email, role, " us("created_at")
constexpr Statement k_find_user{
    "find_user", "SELECT " BOXOFFICE_USER(BOXOFFICE_US_PG) " FROM users WHERE id = $1",
    "SELECT " BOXOFFICE_USER(BOXOFFICE_US_MY) " FROM users WHERE id = $1"};
constexpr Statement k_find_login{
    "find_login",
    "SELECT " BOXOFFICE_USER(BOXOFFICE_US_PG) ", password FROM users WHERE email = $1",
    "SELECT " BOXOFFICE_USER(BOXOFFICE_US_MY) ", password FROM users WHERE email = $1"};
constexpr Statement k_find_token_by_hash =
    portable("find_token_by_hash",
             "SELECT t.id, t.user_id FROM personal_access_tokens t WHERE t.token = $1");
#define BOXOFFICE_TOKEN(us) \
  "id, name, abilities, " us("last_used_at") ", " us("expires_at") ", " us("created_at")
constexpr Statement k_list_tokens{
    "list_tokens",
    "SELECT " BOXOFFICE_TOKEN(BOXOFFICE_US_PG)
    " FROM personal_access_tokens WHERE user_id = $1 ORDER BY id DESC LIMIT 1000",
    "SELECT " BOXOFFICE_TOKEN(BOXOFFICE_US_MY)
    " FROM personal_access_tokens WHERE user_id = $1 ORDER BY id DESC LIMIT 1000"};
constexpr Statement k_delete_token =
    portable("delete_token", "DELETE FROM personal_access_tokens WHERE id = $1 AND user_id = $2");
// $1: the ids, separated by commas.
constexpr Statement k_note_used{
    "note_tokens_used",
    "UPDATE personal_access_tokens SET last_used_at = clock_timestamp()"
    " WHERE id = ANY(string_to_array($1, ',')::bigint[])",
    "UPDATE personal_access_tokens t JOIN JSON_TABLE(CONCAT('[', $1, ']'), '$[*]'"
    " COLUMNS (id BIGINT PATH '$')) AS used ON used.id = t.id SET t.last_used_at = NOW(6)"};
// $1: k_ended_token_kept in seconds.
constexpr Statement k_prune_tokens{
    "prune_tokens",
    "DELETE FROM personal_access_tokens WHERE id IN (SELECT id FROM personal_access_tokens"
    " WHERE expires_at <= clock_timestamp() - $1::bigint * interval '1 second'"
    " ORDER BY expires_at, id LIMIT $2)",
    "DELETE FROM personal_access_tokens WHERE expires_at <= NOW(6) - INTERVAL $1 SECOND"
    " ORDER BY expires_at, id LIMIT $2"};

User user_of(const Row& row) {
  return {UserId{row.integer(0)}, row.text(1), row.text(2), row.text(3), from_us(row.integer(4))};
}

std::optional<Timestamp> time_of(const Row& row, std::size_t column) {
  if (row.is_null(column)) return std::nullopt;
  return from_us(row.integer(column));
}

TokenId insert_token(Transaction& transaction, UserId user, const NewToken& token) {
  return TokenId{execute(transaction, k_insert_token,
                         {user.value, token.name, token.sha256_hex, token.abilities,
                          std::int64_t{token.lifetime.count()}})
                     .made};
}

std::optional<Row> find_by_hash(Transaction& transaction, const NewToken& token) {
  return execute(transaction, k_find_token_by_hash, {token.sha256_hex}).first();
}

User read_user(Transaction& transaction, UserId id) {
  return user_of(execute(transaction, k_find_user, {id.value}).rows.at(0));
}

}  // namespace

Result<Registered> register_user(Connection& connection, const NewUser& user,
                                 const NewToken& token) {
  return transact<Registered>(
      connection,
      [&](Transaction& t) -> Result<Registered> {
        const UserId id{
            execute(t, k_insert_user, {user.name, user.email, user.password_hash}).made};
        const TokenId made = insert_token(t, id, token);
        const User registered = read_user(t, id);
        t.commit();
        return Registered{registered, made};
      },
      [&](Transaction& t) -> std::optional<Result<Registered>> {
        if (const auto mine = find_by_hash(t, token)) {
          return Registered{read_user(t, UserId{mine->integer(1)}), TokenId{mine->integer(0)}};
        }
        if (execute(t, k_find_login, {user.email}).rows.empty()) return std::nullopt;
        return Refusal{RefusalCode::email_taken, {}};
      });
}

std::optional<Login> find_login(Connection& connection, const std::string& email) {
  return read_outside(connection, [&]() -> std::optional<Login> {
    const auto row = execute(connection, k_find_login, {email}).first();
    if (!row) return std::nullopt;
    return Login{user_of(*row), row->text(5)};
  });
}

std::optional<User> find_user(Connection& connection, UserId id) {
  return read_outside(connection, [&]() -> std::optional<User> {
    const auto row = execute(connection, k_find_user, {id.value}).first();
    if (!row) return std::nullopt;
    return user_of(*row);
  });
}

TokenId add_token(Connection& connection, UserId user, const NewToken& token) {
  return transact<TokenId>(
             connection,
             [&](Transaction& t) -> Result<TokenId> {
               const TokenId made = insert_token(t, user, token);
               t.commit();
               return made;
             },
             [&](Transaction& t) -> std::optional<Result<TokenId>> {
               const auto mine = find_by_hash(t, token);
               if (!mine) return std::nullopt;
               return TokenId{mine->integer(0)};
             })
      .value();
}

std::vector<IssuedToken> list_tokens(Connection& connection, UserId user) {
  return read_outside(connection, [&] {
    std::vector<IssuedToken> tokens;
    const auto rows = execute(connection, k_list_tokens, {user.value}).rows;
    for (const Row& row : rows) {
      tokens.push_back({TokenId{row.integer(0)}, row.text(1), row.text(2), time_of(row, 3),
                        time_of(row, 4), from_us(row.integer(5))});
    }
    return tokens;
  });
}

bool delete_token(Connection& connection, UserId user, TokenId token) {
  // Where the COMMIT is lost it runs again: a token that is gone by then was this request's.
  bool deleted = false;
  return transact_repeatable<bool>(connection, [&](Transaction& t) {
    deleted = execute(t, k_delete_token, {token.value, user.value}).affected > 0 || deleted;
    return deleted;
  });
}

void note_tokens_used(Connection& connection, const std::vector<TokenId>& tokens) {
  transact_repeatable<std::int64_t>(connection, [&](Transaction& t) {
    return execute(t, k_note_used, {list_of(tokens)}).affected;
  });
}

std::int64_t prune_tokens(Connection& connection) {
  return transact_repeatable<std::int64_t>(connection, [&](Transaction& t) {
    const std::int64_t kept = std::chrono::seconds(k_ended_token_kept).count();
    return execute(t, k_prune_tokens, {kept, k_prune_batch}).affected;
  });
}

}  // namespace boxoffice::strategies
