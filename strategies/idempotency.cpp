// See idempotency.hpp. Two claims of one key meet at its unique index: one inserts, the other
// reads. A claim whose COMMIT got no answer runs again and must know its own row from another's:
// while there is no reply its headers' column holds a nonce.
#include "strategies/idempotency.hpp"

#include <fmt/format.h>

#include <random>

#include "strategies/statement.hpp"
#include "strategies/transaction.hpp"

namespace boxoffice::strategies {

namespace {

constexpr Statement k_insert{
    "claim_key",
    "INSERT INTO idempotency_keys (user_id, idempotency_key, request_hash, headers, created_at)"
    " VALUES ($1, $2, $3, $4, clock_timestamp())"
    " ON CONFLICT ON CONSTRAINT idempotency_keys_user_key_unique DO NOTHING",
    "INSERT IGNORE INTO idempotency_keys (user_id, idempotency_key, request_hash, headers,"
    " created_at) VALUES ($1, $2, $3, $4, NOW(6))"};
// $5 and $6: k_reply_kept and k_claim_bound in seconds.
constexpr Statement k_take_over{
    "take_over_key",
    "UPDATE idempotency_keys SET request_hash = $3, status = NULL, headers = $4, reply = '',"
    " created_at = clock_timestamp() WHERE user_id = $1 AND idempotency_key = $2 AND"
    " (created_at <= clock_timestamp() - $5::bigint * interval '1 second' OR (status IS NULL AND"
    " request_hash = $3 AND created_at <= clock_timestamp() - $6::bigint * interval '1 second'))",
    "UPDATE idempotency_keys SET request_hash = $3, status = NULL, headers = $4, reply = '',"
    " created_at = NOW(6) WHERE user_id = $1 AND idempotency_key = $2 AND"
    " (created_at <= NOW(6) - INTERVAL $5 SECOND OR (status IS NULL AND"
    " request_hash = $3 AND created_at <= NOW(6) - INTERVAL $6 SECOND))"};
constexpr Statement k_find =
    portable("find_key",
             "SELECT request_hash, status, content_type, headers, reply FROM idempotency_keys"
             " WHERE user_id = $1 AND idempotency_key = $2");
constexpr Statement k_lock_key =
    portable("lock_key",
             "SELECT status FROM idempotency_keys WHERE user_id = $1 AND idempotency_key = $2"
             " AND request_hash = $3 FOR UPDATE");
constexpr Statement k_store =
    portable("store_reply",
             "UPDATE idempotency_keys SET status = $3, content_type = $4, headers = $5, reply = $6"
             " WHERE user_id = $1 AND idempotency_key = $2 AND request_hash = $7");
constexpr Statement k_give_up = portable(
    "give_up_key",
    "DELETE FROM idempotency_keys WHERE user_id = $1 AND idempotency_key = $2 AND status IS NULL"
    " AND request_hash = $3");
constexpr Statement k_prune{
    "prune_keys",
    "DELETE FROM idempotency_keys WHERE id IN (SELECT id FROM idempotency_keys"
    " WHERE created_at <= clock_timestamp() - $1::bigint * interval '1 second'"
    " ORDER BY created_at, id LIMIT $2)",
    "DELETE FROM idempotency_keys WHERE created_at <= NOW(6) - INTERVAL $1 SECOND"
    " ORDER BY created_at, id LIMIT $2"};

/// Each of these may run twice: what the first run did, the second finds done.
template <class Reply, class Body>
Reply once_or_twice(Connection& connection, Body body) {
  return transact<Reply>(
             connection,
             [&](Transaction& t) -> Result<Reply> {
               Reply reply = body(t);
               t.commit();
               return reply;
             },
             [](Transaction&) { return std::optional<Result<Reply>>(); })
      .value();
}

std::string make_nonce() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}{:08x}{:08x}", random(), random(), random(), random());
}

Claimed what_is_there(const Row& row, const IdempotencyKey& key, const std::string& nonce) {
  if (row.text(0) != key.request_hash) return {Claim::other_body};
  if (row.is_null(1)) return {row.text(3) == nonce ? Claim::ours : Claim::running};
  return {Claim::answered, {row.integer(1), row.text(2), row.text(3), row.text(4)}};
}

}  // namespace

Claimed claim_key(Connection& connection, const IdempotencyKey& key) {
  const std::int64_t kept = std::chrono::seconds(k_reply_kept).count();
  const std::string nonce = make_nonce();
  return once_or_twice<Claimed>(connection, [&](Transaction& t) -> Claimed {
    const auto changed = [&](const Statement& statement, std::vector<Parameter> parameters) {
      return execute(t, statement, std::move(parameters)).affected > 0;
    };
    if (changed(k_insert, {key.user.value, key.key, key.request_hash, nonce})) return {Claim::ours};
    if (changed(k_take_over, {key.user.value, key.key, key.request_hash, nonce, kept,
                              std::int64_t{k_claim_bound.count()}}))
      return {Claim::ours};
    const auto row = execute(t, k_find, {key.user.value, key.key}).first();
    return row ? what_is_there(*row, key, nonce) : Claimed{Claim::running};  // given up just now
  });
}

void store_reply(Transaction& t, const IdempotencyKey& key, const StoredReply& reply) {
  execute(t, k_store,
          {key.user.value, key.key, reply.status, reply.content_type, reply.headers, reply.body,
           key.request_hash});
}

bool is_answered(Transaction& t, const IdempotencyKey& key) {
  const auto row = execute(t, k_lock_key, {key.user.value, key.key, key.request_hash}).first();
  return row && !row->is_null(0);
}

void store_reply(Connection& connection, const IdempotencyKey& key, const StoredReply& reply) {
  once_or_twice<bool>(connection, [&](Transaction& t) {
    store_reply(t, key, reply);
    return true;
  });
}

void give_up_claim(Connection& connection, const IdempotencyKey& key) {
  once_or_twice<std::int64_t>(connection, [&](Transaction& t) {
    return execute(t, k_give_up, {key.user.value, key.key, key.request_hash}).affected;
  });
}

std::int64_t prune_keys(Connection& connection) {
  return once_or_twice<std::int64_t>(connection, [](Transaction& t) {
    return execute(t, k_prune,
                   {std::int64_t{std::chrono::seconds(k_reply_kept).count()}, k_prune_batch})
        .affected;
  });
}

}  // namespace boxoffice::strategies
