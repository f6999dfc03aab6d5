// A POST with an Idempotency-Key: does its work once, and answers each repetition with the reply of
// that once. See strategies/idempotency.hpp for what is kept and for how long.
#pragma once

#include "server/call.hpp"

namespace boxoffice::server {

inline constexpr std::size_t k_idempotency_key_bytes = 255;

/// What is wrong with the request's key: its form, or that this route's reply holds a secret and so
/// is not kept. Nothing where there is no key.
std::optional<Invalid> check_idempotency_key(const Request& request, bool kept);

/// In place of work(call, connection). Throws Failure, and then nothing is remembered.
void run_once(Call& call, strategies::Connection& connection, Call::Work work);

}  // namespace boxoffice::server
