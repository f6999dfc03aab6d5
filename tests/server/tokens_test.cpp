#include "server/tokens.hpp"

#include <gtest/gtest.h>
#include <sodium.h>

#include <latch>
#include <semaphore>

namespace boxoffice::server {
namespace {

namespace s = strategies;
using namespace std::chrono_literals;

std::string sha256_hex(std::string_view text) {
  unsigned char digest[32];
  crypto_hash_sha256(digest, reinterpret_cast<const unsigned char*>(text.data()), text.size());
  char hex[65];
  sodium_bin2hex(hex, sizeof hex, digest, sizeof digest);
  return hex;
}

/// Token 1 is user 10's, token 2 an administrator's, token 3 has expired; all with the plaintext
/// "secret".
std::vector<s::Token> some_tokens(std::span<const s::TokenId> ids) {
  std::vector<s::Token> tokens;
  for (const auto id : ids) {
    if (id.value > 3) continue;
    tokens.push_back({id,
                      {id.value * 10},
                      sha256_hex("secret"),
                      id.value == 2 ? "admin" : "user",
                      R"(["*"])",
                      id.value == 3});
  }
  return tokens;
}

bool never() {
  return false;
}

struct Asked : TokenLookUp {
  explicit Asked(std::string_view authorization) {
    const auto parsed = parse_bearer(authorization);
    if (parsed) credential = *parsed;
  }
  void authenticated(Authentication answer) override {
    outcome = answer;
    answered.count_down();
  }
  Authentication outcome{};
  std::latch answered{1};
};

Authentication ask(Tokens& tokens, Asked& asked) {
  tokens.look_up(asked);
  asked.answered.wait();
  return asked.outcome;
}

TEST(Tokens, WhatIsABearerToken) {
  EXPECT_EQ(parse_bearer("Bearer 12|abc")->id.value, 12);
  EXPECT_TRUE(parse_bearer("bEaReR 12|a|b"));
  for (const auto* text : {"", "Bearer", "Bearer ", "Bearer 12", "Bearer |abc", "Bearer 12|",
                           "Bearer x|abc", "Bearer 0|abc", "Bearer -1|abc", "Bearer  12|abc",
                           "Basic 12|abc", "Bearer 9223372036854775808|abc", "12|abc"}) {
    EXPECT_FALSE(parse_bearer(text)) << text;
  }
  EXPECT_FALSE(parse_bearer("Bearer 1|" + std::string(257, 'x')));
}

TEST(Tokens, CountsByWhoItWasHoweverLongAgo) {
  TokenLimits limits;
  limits.time_to_live = 0s;
  Tokens tokens(limits, some_tokens, never);
  tokens.start();
  Asked first("Bearer 1|secret");
  EXPECT_FALSE(tokens.last_user(first.credential)) << "nobody asked yet";
  EXPECT_EQ(ask(tokens, first), Authentication::known);
  EXPECT_FALSE(tokens.recall(first, Clock::now())) << "not believed any more";
  EXPECT_EQ(tokens.last_user(first.credential)->value, 10);
  EXPECT_FALSE(tokens.last_user(*parse_bearer("Bearer 1|guess")));
  tokens.forget(first.credential.id);
  EXPECT_FALSE(tokens.last_user(first.credential)) << "revoked";
}

TEST(Tokens, KnowsWhoPresentsTheRightPlaintext) {
  Tokens tokens({}, some_tokens, never);
  tokens.start();
  Asked user("Bearer 1|secret"), admin("Bearer 2|secret");
  EXPECT_EQ(ask(tokens, user), Authentication::known);
  EXPECT_EQ(user.requester.user.value, 10);
  EXPECT_FALSE(user.requester.admin);
  EXPECT_EQ(ask(tokens, admin), Authentication::known);
  EXPECT_TRUE(admin.requester.admin);
}

TEST(Tokens, NobodyElseIsKnown) {
  Tokens tokens({}, some_tokens, never);
  tokens.start();
  for (const auto* text : {"Bearer 1|Secret", "Bearer 3|secret", "Bearer 4|secret"}) {
    Asked asked(text);
    EXPECT_EQ(ask(tokens, asked), Authentication::unknown) << text;
  }
}

TEST(Tokens, RemembersForAWhile) {
  Tokens tokens({}, some_tokens, never);
  tokens.start();
  Asked asked("Bearer 1|secret"), wrong("Bearer 1|guess");
  EXPECT_FALSE(tokens.recall(asked, Clock::now()));
  ask(tokens, asked);
  EXPECT_EQ(tokens.recall(asked, Clock::now()), Authentication::known);
  EXPECT_EQ(tokens.recall(wrong, Clock::now()), Authentication::unknown);
  EXPECT_FALSE(tokens.recall(asked, Clock::now() + 5s));
}

// The look-up reads the row, the row is deleted, and only then the look-up's answer arrives.
TEST(Tokens, WhatIsRevokedWhileItIsAskedForIsNotRemembered) {
  std::function<void()> meanwhile;
  Tokens tokens(
      {},
      [&](std::span<const s::TokenId> ids) {
        auto found = some_tokens(ids);
        meanwhile();
        return found;
      },
      never);
  meanwhile = [&] { tokens.forget(s::TokenId{1}); };
  tokens.start();
  Asked revoked("Bearer 1|secret"), other("Bearer 2|secret"), later("Bearer 1|secret");
  EXPECT_EQ(ask(tokens, revoked), Authentication::unknown);
  EXPECT_FALSE(tokens.recall(revoked, Clock::now()));
  EXPECT_EQ(ask(tokens, other), Authentication::known);
  EXPECT_TRUE(tokens.recall(other, Clock::now()));
  meanwhile = [] {};
  EXPECT_EQ(ask(tokens, later), Authentication::known) << "the note is of one batch";
}

TEST(Tokens, ForgetsTheOldestWhenThereAreTooMany) {
  TokenLimits limits;
  limits.cached = 2;  // two generations of one
  Tokens tokens(limits, some_tokens, never);
  tokens.start();
  Asked first("Bearer 1|secret"), second("Bearer 2|secret");
  ask(tokens, first);
  ask(tokens, second);
  EXPECT_TRUE(tokens.recall(first, Clock::now()));
  Asked again("Bearer 2|secret");
  ask(tokens, again);
  EXPECT_FALSE(tokens.recall(first, Clock::now()));
  EXPECT_TRUE(tokens.recall(second, Clock::now()));
}

/// A database that answers when it is let go, and notes how many it was asked for at once.
struct SlowDatabase {
  std::binary_semaphore asked{0};
  std::counting_semaphore<> go{0};
  std::vector<std::size_t> batches;

  Tokens::Find find() {
    return [this](std::span<const s::TokenId> ids) {
      batches.push_back(ids.size());
      asked.release();
      go.acquire();
      return some_tokens(ids);
    };
  }
};

TEST(Tokens, GathersWhatWaits) {
  SlowDatabase database;
  Tokens tokens({}, database.find(), never);
  tokens.start();
  Asked first("Bearer 1|secret"), second("Bearer 2|secret"), same("Bearer 2|secret"),
      other("Bearer 4|secret");
  tokens.look_up(first);
  database.asked.acquire();
  for (auto* asked : {&second, &same, &other}) tokens.look_up(*asked);
  database.go.release(2);
  for (auto* asked : {&first, &second, &same, &other}) asked->answered.wait();
  EXPECT_EQ(database.batches, (std::vector<std::size_t>{1, 2}));
  EXPECT_EQ(same.outcome, Authentication::known);
  EXPECT_EQ(other.outcome, Authentication::unknown);
}

TEST(Tokens, RefusesWhatIsTooManyOrTooLate) {
  SlowDatabase database;
  TokenLimits limits;
  limits.queue = 1;
  Tokens tokens(limits, database.find(), never);
  tokens.start();
  Asked running("Bearer 1|secret"), late("Bearer 1|secret"), too_many("Bearer 1|secret");
  late.token_deadline = Clock::time_point{} + 1s;
  tokens.look_up(running);
  database.asked.acquire();
  tokens.look_up(late);
  tokens.look_up(too_many);
  EXPECT_EQ(too_many.outcome, Authentication::overloaded);
  tokens.expire(Clock::time_point{} + 1s);
  EXPECT_EQ(late.outcome, Authentication::overloaded);
  database.go.release();
  running.answered.wait();
}

TEST(Tokens, ADatabaseThatHangsIsNotWaitedForLonger) {
  SlowDatabase database;
  Tokens tokens({}, database.find(), never);
  tokens.start();
  Asked patient("Bearer 1|secret"), late("Bearer 1|secret");
  late.token_deadline = Clock::time_point{} + 1s;
  tokens.look_up(late);
  database.asked.acquire();
  tokens.look_up(patient);
  tokens.expire(Clock::time_point{} + 1s);
  EXPECT_EQ(late.outcome, Authentication::overloaded);
  database.go.release(2);
  patient.answered.wait();
  EXPECT_EQ(patient.outcome, Authentication::known);
}

TEST(Tokens, AFailureIsTheAnswerToAll) {
  Tokens tokens(
      {},
      [](std::span<const s::TokenId>) -> std::vector<s::Token> {
        throw s::Failure(s::FailureCode::database_unavailable, "away");
      },
      never);
  tokens.start();
  Asked asked("Bearer 1|secret");
  EXPECT_EQ(ask(tokens, asked), Authentication::failed);
  EXPECT_EQ(asked.failure, s::FailureCode::database_unavailable);
  tokens.stop();
  Asked late("Bearer 1|secret");
  EXPECT_EQ(ask(tokens, late), Authentication::shutting_down);
}

}  // namespace
}  // namespace boxoffice::server
