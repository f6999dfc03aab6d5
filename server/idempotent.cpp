// See idempotent.hpp. What a retry may help against (5xx) is not kept; everything else is.
#include "server/idempotent.hpp"

#include <algorithm>

#include "server/log.hpp"
#include "server/passwords.hpp"
#include "strategies/failure.hpp"

namespace boxoffice::server {
namespace {

namespace s = strategies;

/// A UUID (version 8, RFC 9562): what a reserve is stored under, so that a second run of it finds
/// the first one's reservation. The same for the same user, key and row of the claim: a day later
/// the key has another row, and the request is another one.
std::string request_id_of(const s::IdempotencyKey& key, std::int64_t row) {
  std::string hex = sha256_hex(std::to_string(key.user.value) + ' ' + key.key + ' ' +
                               key.request_hash + ' ' + std::to_string(row));
  hex[12] = '8';
  hex[16] = "89ab"[static_cast<std::size_t>(hex[16]) % 4];
  return hex.substr(0, 8) + '-' + hex.substr(8, 4) + '-' + hex.substr(12, 4) + '-' +
         hex.substr(16, 4) + '-' + hex.substr(20, 12);
}

s::IdempotencyKey key_of(const Call& call) {
  const Request& request = call.request;
  return {call.requester.user, request.idempotency_key,
          sha256_hex("POST\n" + request.path + '\n' + request.body)};
}

void replay(Call& call, const s::StoredReply& stored) {
  call.succeed(static_cast<int>(stored.status));
  call.is_replay = true;
  constexpr std::string_view k_problem = "application/problem+json";
  call.reply.content_type = stored.content_type == k_problem ? k_problem : "application/json";
  call.reply.headers += stored.headers;
  call.reply.header("Idempotent-Replayed", "true");
  call.reply.body = stored.body;
}

s::StoredReply stored_form(const Call& call) {
  const Reply& reply = call.reply;
  return {reply.status, std::string(reply.content_type),
          reply.headers.substr(call.keyed->headers_before), reply.body};
}

/// The work was done; that it is not remembered must not hide it.
void remember(const Call& call, s::Connection& connection) {
  const KeyedWork& keyed = *call.keyed;
  if (keyed.reply_is_stored) return;
  try {
    if (call.reply.status >= 500) {
      s::give_up_claim(connection, keyed.key);
    } else {
      s::store_reply(connection, keyed.key, stored_form(call));
    }
  } catch (const s::Failure& failure) {
    log::write(log::Level::warn, "Reply not kept", [&](JsonWriter& json) {
      json.field("request_id", call.request.request_id);
      json.field("what", failure.what());
    });
  }
}

/// The call knows its key as long as the scope.
class Keyed {
 public:
  Keyed(Call& call, const s::IdempotencyKey& key)
      : call_(call), work_{key, call.reply.headers.size()} {
    call_.keyed = &work_;
  }
  ~Keyed() { call_.keyed = nullptr; }
  Keyed(const Keyed&) = delete;
  Keyed& operator=(const Keyed&) = delete;

 private:
  Call& call_;
  KeyedWork work_;
};

/// Where the reservation may be there all the same, whoever asks again must find it: the row stays.
void leave_claim(s::Connection& connection, const s::IdempotencyKey& key, bool nothing_changed) {
  try {
    if (nothing_changed) {
      s::give_up_claim(connection, key);
    } else {
      s::hand_over_claim(connection, key);
    }
  } catch (const s::Failure&) {  // it stands until its bound; the first failure is the one to tell
  }
}

void do_the_work(Call& call, s::Connection& connection, Call::Work work,
                 const s::IdempotencyKey& key, std::int64_t row) {
  const Keyed keyed(call, key);
  connection.statistics() = {};
  if (call.request.request_id_is_ours) call.request.request_id = request_id_of(key, row);
  try {
    work(call, connection);
  } catch (const std::exception& error) {
    const auto* const failure = dynamic_cast<const s::Failure*>(&error);
    const bool nothing_changed =
        failure != nullptr && failure->code() != s::FailureCode::commit_unknown;
    const auto statistics = connection.statistics();
    leave_claim(connection, key, nothing_changed);
    connection.statistics() = statistics;
    throw;
  }
  const auto statistics = connection.statistics();
  remember(call, connection);
  connection.statistics() = statistics;
}

}  // namespace

std::optional<Invalid> check_idempotency_key(const Request& request, bool kept) {
  const std::string& key = request.idempotency_key;
  if (key.empty()) return std::nullopt;
  const auto visible = [](char c) { return c > ' ' && c < 0x7f; };
  Invalid invalid;
  if (!kept) {
    invalid.errors.push_back({"Idempotency-Key", "is not taken here: the reply holds a secret"});
  } else if (key.size() > k_idempotency_key_bytes || !std::ranges::all_of(key, visible)) {
    invalid.errors.push_back({"Idempotency-Key", "must be 1 to 255 visible ASCII characters"});
  }
  if (invalid.errors.empty()) return std::nullopt;
  return invalid;
}

void store_reply(s::Transaction& transaction, const Call& call) {
  s::store_reply(transaction, call.keyed->key, stored_form(call));
}

void run_once(Call& call, s::Connection& connection, Call::Work work) {
  const s::IdempotencyKey key = key_of(call);
  const s::Claimed claimed = s::claim_key(connection, key);
  switch (claimed.claim) {
    case s::Claim::ours:
      return do_the_work(call, connection, work, key, claimed.row);
    case s::Claim::answered:
      return replay(call, claimed.reply);
    case s::Claim::other_body:
      return call.fail(ProblemCode::idempotency_key_reused);
    case s::Claim::running:
      return call.fail(ProblemCode::request_in_progress);
  }
}

}  // namespace boxoffice::server
