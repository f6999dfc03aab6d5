// Accounts: register, log in and out, one's own tokens.
//
// Argon2id takes tens of milliseconds and 64 MiB on purpose, so register and login run on a few
// threads of their own: a crowd that logs in delays logins, not sales. A token's plaintext is in
// one reply, once; the password is overwritten as soon as it was hashed or compared, and what the
// session has of either once the reply was sent.
#include "server/codec.hpp"
#include "server/handlers.hpp"
#include "server/log.hpp"
#include "server/passwords.hpp"
#include "server/service.hpp"

namespace boxoffice::server::handlers {
namespace {

namespace s = strategies;

constexpr std::size_t k_reply_bytes = 2048;  // a string that grows leaves copies behind

s::NewToken new_token(const Call& call, const DrawnToken& drawn) {
  const AccountInput& account = *call.inputs.account;
  return {account.device_name, drawn.sha256_hex, account.abilities.to_json(),
          call.service().token_lifetime};
}

void say_token(Call& call, int status, const s::User& user, s::TokenId id, DrawnToken& drawn) {
  call.succeed(status);
  call.reply.header("Cache-Control", "no-store");
  std::string token = std::to_string(id.value) + '|';
  token.reserve(token.size() + drawn.plaintext.size());
  token += drawn.plaintext;
  call.reply.body.reserve(k_reply_bytes);
  write_user(call.reply.body, user, token);
  wipe(token);
  wipe(drawn.plaintext);
}

/// The request's copies too: what is not there cannot be in a core dump.
void forget_password(Call& call) {
  wipe(call.inputs.account->password);
  wipe(call.request.body);
}

void register_now(Call& call, s::Connection& connection) {
  AccountInput& account = *call.inputs.account;
  DrawnToken drawn = draw_token();
  const std::string hash = hash_password(account.password);
  forget_password(call);
  const auto registered =
      s::register_user(connection, {account.name, account.email, hash}, new_token(call, drawn));
  if (registered.has_error()) return call.fail(problem_of(registered.error().code));
  say_token(call, 201, registered->user, registered->token, drawn);
}

void log_attempt(const Call& call, s::UserId user, bool success) {
  log::write(success ? log::Level::info : log::Level::warn, "Login attempt", [&](JsonWriter& json) {
    json.field("user_id", user.value);
    json.flag("success", success);
    json.field("address", call.client);
    json.field("request_id", call.request.request_id);
  });
}

/// An address that nobody has takes as long as a wrong password, and is told the same.
void login_now(Call& call, s::Connection& connection) {
  AccountInput& account = *call.inputs.account;
  const auto found = s::find_login(connection, account.email);
  const bool good = is_password(account.password, found ? found->password_hash : "");
  forget_password(call);
  log_attempt(call, found ? found->user.id : s::UserId{}, good);
  if (!good) {
    call.login_attempt.failed();
    return call.fail(ProblemCode::invalid_credentials);
  }
  call.login_attempt.give_back();
  DrawnToken drawn = draw_token();
  const auto token = s::add_token(connection, found->user.id, new_token(call, drawn));
  say_token(call, 200, found->user, token, drawn);
}

/// A token that may do less than all can end itself, and cannot lock its owner out. This is asked
/// here, where the request's own token is known, and not in the handler, which runs before.
void delete_now(Call& call, s::Connection& connection) {
  const s::TokenId id{call.inputs.id};
  const bool itself = id == call.credential.id;
  if (!itself && !call.requester.abilities.is_all()) return call.fail(ProblemCode::forbidden);
  if (!s::delete_token(connection, call.requester.user, id)) {
    return call.fail(ProblemCode::token_not_found);
  }
  call.service().forget_token(id);
  call.succeed(204);
}

void show_user_now(Call& call, s::Connection& connection) {
  const auto user = s::find_user(connection, call.requester.user);
  if (!user) return call.fail(ProblemCode::unauthenticated);
  call.succeed(200);
  write_user(call.reply.body, *user);
}

void list_tokens_now(Call& call, s::Connection& connection) {
  const auto tokens = s::list_tokens(connection, call.requester.user);
  call.succeed(200);
  write_tokens(call.reply.body, tokens);
}

}  // namespace

void register_user(Call& call) {
  call.holds_secret = true;
  const auto invalid = read_registration(call.request, call.inputs);
  wipe_stack();
  if (invalid) return call.fail(*invalid);
  call.work_on_passwords(&register_now);
}

void login(Call& call) {
  call.holds_secret = true;
  const auto invalid = read_login(call.request, call.inputs);
  wipe_stack();
  if (invalid) return call.fail(*invalid);
  const auto allowance = call.service().logins.begin(call.inputs.account->email, call.client,
                                                     Clock::now(), call.login_attempt);
  if (!allowance.allowed) return call.refuse_for_rate(allowance);
  call.work_on_passwords(&login_now);
}

void logout(Call& call) {
  if (const auto invalid = read_empty_body(call.request)) return call.fail(*invalid);
  call.work_on_executor([](Call& c, s::Connection& connection) {
    c.inputs.id = c.credential.id.value;
    delete_now(c, connection);
  });
}

void show_user(Call& call) {
  call.work_on_executor(&show_user_now);
}

void list_tokens(Call& call) {
  call.work_on_executor(&list_tokens_now);
}

void delete_token(Call& call) {
  const auto id = parse_id(call.parameter);
  if (!id) return call.fail(ProblemCode::token_not_found);
  if (const auto invalid = read_empty_body(call.request)) return call.fail(*invalid);
  call.inputs.id = *id;
  call.work_on_executor(&delete_now);
}

}  // namespace boxoffice::server::handlers
