// A POST with an Idempotency-Key: does its work once, and answers each repetition with the reply of
// that once. See strategies/idempotency.hpp for what is kept and for how long.
#pragma once

#include "server/call.hpp"
#include "strategies/idempotency.hpp"

namespace boxoffice::server {

inline constexpr std::size_t k_idempotency_key_bytes = 255;

/// What is wrong with the request's key: its form, or that this route's reply holds a secret and so
/// is not kept. Nothing where there is no key.
std::optional<Invalid> check_idempotency_key(const Request& request, bool kept);

/// The key whose work runs.
struct KeyedWork {
  const strategies::IdempotencyKey& key;
  std::size_t headers_before;    ///< of the reply: bytes that are not the work's
  bool reply_is_stored = false;  ///< the work has done so
};

/// Stores the reply as it is now, for work that does so in its own transaction.
void store_reply(strategies::Transaction&, const Call& call);

/// In place of work(call, connection). Throws Failure, and then nothing is remembered.
void run_once(Call& call, strategies::Connection& connection, Call::Work work);

}  // namespace boxoffice::server
