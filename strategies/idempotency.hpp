// Idempotency keys: what a POST with such a key was answered with, so that the same request sent
// again gets the same reply and does nothing.
//
//   claim -> (the work) -> store, or give_up where nothing is to be remembered
//
// The work and its remembering may be two transactions. Where the server dies in between, the claim
// is taken over after k_claim_bound and the work runs again: therefore a reserve with a key takes
// its request id from the claim's row, which stays the same and makes the second run find the first
// one's reservation. After k_reply_kept the key has a new row, and the same request is a new one.
// Work that a second run could not find stores its reply in its own transaction, with the work or
// not at all.
#pragma once

#include "strategies/strategy.hpp"
#include "strategies/transaction.hpp"

namespace boxoffice::strategies {

struct IdempotencyKey {
  UserId user;
  std::string key;           ///< 1 to 255 bytes of the client's choice
  std::string request_hash;  ///< SHA-256 in hex of method, path and body
};

struct StoredReply {
  std::int64_t status = 0;
  std::string content_type;
  std::string headers;
  std::string body;
};

enum class Claim {
  ours,        ///< do the work
  answered,    ///< here is the reply
  other_body,  ///< the key was used for another request
  running,     ///< the same request is under way
};

struct Claimed {
  Claim claim = Claim::ours;
  std::int64_t row = 0;  ///< id of this life of the key: the same after a take-over
  StoredReply reply = {};
};

/// How long a reply is kept, and how long a claim without one stands.
inline constexpr std::chrono::hours k_reply_kept{24};
inline constexpr std::chrono::seconds k_claim_bound{60};

/// Throws Failure, as all below do.
Claimed claim_key(Connection&, const IdempotencyKey&);
/// Where the key has a reply already that one stays.
void store_reply(Connection&, const IdempotencyKey&, const StoredReply&);
/// As part of the transaction that does the work. Throws Failure{retries_exhausted} where the key
/// has a reply already, or is gone: the claim was taken over, and what this transaction did must
/// not be done twice.
void store_reply(Transaction&, const IdempotencyKey&, const StoredReply&);
/// Whether that transaction was committed, asked by another one, which waits for the first to end.
bool is_answered(Transaction&, const IdempotencyKey&);
/// For work that has changed nothing.
void give_up_claim(Connection&, const IdempotencyKey&);
/// For work of which nobody knows whether it was done: the same request may take the claim over
/// now.
void hand_over_claim(Connection&, const IdempotencyKey&);
/// Forgets of what is older than k_reply_kept at most k_prune_batch; returns how many.
std::int64_t prune_keys(Connection&);

}  // namespace boxoffice::strategies
