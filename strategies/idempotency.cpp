// See idempotency.hpp. Two claims of one key meet at its unique index: one inserts, the other
// reads. A claim whose COMMIT got no answer runs again and must know its own row from another's:
// while there is no reply its headers' column holds a nonce. A key that was forgotten and comes
// again gets a new row, so that the row's id tells one life of the key from the next.
#include "strategies/idempotency.hpp"

#include <fmt/format.h>

#include <random>

#include "strategies/failure.hpp"
#include "strategies/statement.hpp"
#include "strategies/transaction.hpp"

namespace boxoffice::strategies {

namespace {

constexpr Statement k_insert{
    "claim_key",
    "INSERT INTO idempotency_keys (user_id, idempotency_key, request_hash, headers, created_at)"
    " VALUES ($1, $2, $3, $4, clock_timestamp())"
    " ON CONFLICT ON CONSTRAINT idempotency_keys_user_key_unique DO NOTHING RETURNING id",
    "INSERT IGNORE INTO idempotency_keys (user_id, idempotency_key, request_hash, headers,"
    " created_at) VALUES ($1, $2, $3, $4, NOW(6))"};
// $3, and $2 below: k_reply_kept in seconds.
constexpr Statement k_find{
    "find_key",
    "SELECT id, request_hash, status, content_type, headers, reply, CASE WHEN created_at <="
    " clock_timestamp() - $3::bigint * interval '1 second' THEN 1 ELSE 0 END"
    " FROM idempotency_keys WHERE user_id = $1 AND idempotency_key = $2",
    "SELECT id, request_hash, status, content_type, headers, reply, CASE WHEN created_at <="
    " NOW(6) - INTERVAL $3 SECOND THEN 1 ELSE 0 END"
    " FROM idempotency_keys WHERE user_id = $1 AND idempotency_key = $2"};
constexpr Statement k_forget{
    "forget_key",
    "DELETE FROM idempotency_keys WHERE id = $1 AND"
    " created_at <= clock_timestamp() - $2::bigint * interval '1 second'",
    "DELETE FROM idempotency_keys WHERE id = $1 AND created_at <= NOW(6) - INTERVAL $2 SECOND"};
// $4: k_claim_bound in seconds.
constexpr Statement k_take_over{
    "take_over_key",
    "UPDATE idempotency_keys SET headers = $3, created_at = clock_timestamp() WHERE id = $1 AND"
    " status IS NULL AND request_hash = $2 AND"
    " created_at <= clock_timestamp() - $4::bigint * interval '1 second'",
    "UPDATE idempotency_keys SET headers = $3, created_at = NOW(6) WHERE id = $1 AND"
    " status IS NULL AND request_hash = $2 AND created_at <= NOW(6) - INTERVAL $4 SECOND"};
constexpr Statement k_lock_key =
    portable("lock_key",
             "SELECT status FROM idempotency_keys WHERE user_id = $1 AND idempotency_key = $2"
             " AND request_hash = $3 FOR UPDATE");
// For whoever is first: the claim may have been taken over meanwhile.
constexpr Statement k_store =
    portable("store_reply",
             "UPDATE idempotency_keys SET status = $3, content_type = $4, headers = $5, reply = $6"
             " WHERE user_id = $1 AND idempotency_key = $2 AND request_hash = $7"
             " AND status IS NULL");
constexpr Statement k_give_up = portable(
    "give_up_key",
    "DELETE FROM idempotency_keys WHERE user_id = $1 AND idempotency_key = $2 AND status IS NULL"
    " AND request_hash = $3");
// $4: k_claim_bound in seconds.
constexpr Statement k_hand_over{
    "hand_over_key",
    "UPDATE idempotency_keys SET created_at = created_at - $4::bigint * interval '1 second'"
    " WHERE user_id = $1 AND idempotency_key = $2 AND request_hash = $3 AND status IS NULL",
    "UPDATE idempotency_keys SET created_at = created_at - INTERVAL $4 SECOND"
    " WHERE user_id = $1 AND idempotency_key = $2 AND request_hash = $3 AND status IS NULL"};
constexpr Statement k_prune{
    "prune_keys",
    "DELETE FROM idempotency_keys WHERE id IN (SELECT id FROM idempotency_keys"
    " WHERE created_at <= clock_timestamp() - $1::bigint * interval '1 second'"
    " ORDER BY created_at, id LIMIT $2)",
    "DELETE FROM idempotency_keys WHERE created_at <= NOW(6) - INTERVAL $1 SECOND"
    " ORDER BY created_at, id LIMIT $2"};

std::string make_nonce() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}{:08x}{:08x}", random(), random(), random(), random());
}

constexpr std::int64_t k_kept_s = std::chrono::seconds(k_reply_kept).count();
constexpr std::int64_t k_bound_s = k_claim_bound.count();

/// Where the key is free: the claim, under a row of its own.
std::optional<Claimed> claim_anew(Transaction& t, const IdempotencyKey& key,
                                  const std::string& nonce) {
  const Answer answer = execute(t, k_insert, {key.user.value, key.key, key.request_hash, nonce});
  if (answer.affected == 0) return std::nullopt;
  return Claimed{Claim::ours, answer.made};
}

/// Where the key has a row that is not to be forgotten yet.
Claimed what_is_there(Transaction& t, const Row& row, const IdempotencyKey& key,
                      const std::string& nonce) {
  const std::int64_t id = row.integer(0);
  if (row.text(1) != key.request_hash) return {Claim::other_body, id};
  if (!row.is_null(2)) {
    return {Claim::answered, id, {row.integer(2), row.text(3), row.text(4), row.text(5)}};
  }
  if (row.text(4) == nonce) return {Claim::ours, id};
  const bool taken_over =
      execute(t, k_take_over, {id, key.request_hash, nonce, k_bound_s}).affected;
  return {taken_over ? Claim::ours : Claim::running, id};
}

std::int64_t store_first(Transaction& t, const IdempotencyKey& key, const StoredReply& reply) {
  return execute(t, k_store,
                 {key.user.value, key.key, reply.status, reply.content_type, reply.headers,
                  reply.body, key.request_hash})
      .affected;
}

}  // namespace

Claimed claim_key(Connection& connection, const IdempotencyKey& key) {
  const std::string nonce = make_nonce();
  return transact_repeatable<Claimed>(connection, [&](Transaction& t) -> Claimed {
    if (const auto claimed = claim_anew(t, key, nonce)) return *claimed;
    const auto row = execute(t, k_find, {key.user.value, key.key, k_kept_s}).first();
    if (!row) return {Claim::running};  // given up just now
    if (row->integer(6) == 0) return what_is_there(t, *row, key, nonce);
    execute(t, k_forget, {row->integer(0), k_kept_s});
    return claim_anew(t, key, nonce).value_or(Claimed{Claim::running});
  });
}

void store_reply(Transaction& t, const IdempotencyKey& key, const StoredReply& reply) {
  if (store_first(t, key, reply) == 1) return;
  throw Failure(FailureCode::retries_exhausted,
                "the claim of its Idempotency-Key was taken over: it is answered, or given up");
}

bool is_answered(Transaction& t, const IdempotencyKey& key) {
  const auto row = execute(t, k_lock_key, {key.user.value, key.key, key.request_hash}).first();
  return row && !row->is_null(0);
}

void store_reply(Connection& connection, const IdempotencyKey& key, const StoredReply& reply) {
  transact_repeatable<bool>(connection, [&](Transaction& t) {
    store_first(t, key, reply);  // of two that had the claim the first one's stays
    return true;
  });
}

void give_up_claim(Connection& connection, const IdempotencyKey& key) {
  transact_repeatable<std::int64_t>(connection, [&](Transaction& t) {
    return execute(t, k_give_up, {key.user.value, key.key, key.request_hash}).affected;
  });
}

void hand_over_claim(Connection& connection, const IdempotencyKey& key) {
  transact_repeatable<std::int64_t>(connection, [&](Transaction& t) {
    return execute(t, k_hand_over, {key.user.value, key.key, key.request_hash, k_bound_s}).affected;
  });
}

std::int64_t prune_keys(Connection& connection) {
  return transact_repeatable<std::int64_t>(connection, [](Transaction& t) {
    return execute(t, k_prune, {k_kept_s, k_prune_batch}).affected;
  });
}

}  // namespace boxoffice::strategies
