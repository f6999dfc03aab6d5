// Users and the tokens that they log in with. Passwords arrive here hashed, tokens as the SHA-256
// of their plaintext: no secret passes through a statement.
#pragma once

#include <vector>

#include "strategies/strategy.hpp"

namespace boxoffice::strategies {

struct User {
  UserId id;
  std::string name;
  std::string email;
  std::string role;  ///< "user" or "admin"
  Timestamp created_at;
};

struct NewUser {
  std::string name;
  std::string email;          ///< in lower case: it is unique as it stands
  std::string password_hash;  ///< Argon2id in its own text form
};

struct NewToken {
  std::string name;                       ///< of the device that logs in
  std::string sha256_hex;                 ///< of the plaintext
  std::string abilities;                  ///< a JSON array
  std::chrono::microseconds lifetime{0};  ///< 0: it does not expire
};

struct Registered {
  User user;
  TokenId token;
};

/// The user and a first token, in one transaction. Refuses with email_taken. Throws Failure.
Result<Registered> register_user(Connection&, const NewUser&, const NewToken&);

struct Login {
  User user;
  std::string password_hash;
};
/// Nothing where no user has this address. Throws Failure, as all below do.
std::optional<Login> find_login(Connection&, const std::string& email);
std::optional<User> find_user(Connection&, UserId);

TokenId add_token(Connection&, UserId, const NewToken&);

struct IssuedToken {
  TokenId id;
  std::string name;
  std::string abilities;
  std::optional<Timestamp> last_used_at;
  std::optional<Timestamp> expires_at;
  Timestamp created_at;
};
/// The newest first; the user's own only.
std::vector<IssuedToken> list_tokens(Connection&, UserId);
/// False where the user has no such token.
bool delete_token(Connection&, UserId, TokenId);

/// Sets last_used_at of these to the clock.
void note_tokens_used(Connection&, const std::vector<TokenId>&);

/// How long a token that has ended is still listed.
inline constexpr std::chrono::hours k_ended_token_kept{24};
/// Forgets of those that ended before that at most k_prune_batch; returns how many.
std::int64_t prune_tokens(Connection&);

}  // namespace boxoffice::strategies
