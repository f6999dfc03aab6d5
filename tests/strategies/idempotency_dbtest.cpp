// One key, one claim: whoever comes second reads, waits or is told that the key is taken.
#include "strategies/idempotency.hpp"

#include <gmock/gmock.h>

#include <thread>

#include "tests/strategies/database_fixture.hpp"

namespace boxoffice::tests {

using namespace strategies;

class Idempotency : public ProductTest {
 protected:
  IdempotencyKey key(char hash = 'a') { return {user_, "order-1", std::string(64, hash)}; }
  void age(const std::string& seconds) {
    const std::string interval =
        on_postgresql() ? "interval '" + seconds + " seconds'" : "INTERVAL " + seconds + " SECOND";
    sql_.run("UPDATE idempotency_keys SET created_at = created_at - " + interval);
  }
  std::unique_ptr<Connection> connection_ = connect();
  UserId user_ = add_user();
  StoredReply reply_{201, "application/json", "Location: /x\r\n", R"({"a":"ü"})"};
};

INSTANTIATE_TEST_SUITE_P(On, Idempotency, ::testing::ValuesIn(products()), product_of);

TEST_P(Idempotency, TheSameRequestGetsTheStoredReply) {
  EXPECT_EQ(claim_key(*connection_, key()).claim, Claim::ours);
  EXPECT_EQ(claim_key(*connection_, key()).claim, Claim::running);
  store_reply(*connection_, key(), reply_);
  const Claimed again = claim_key(*connection_, key());
  EXPECT_EQ(again.claim, Claim::answered);
  EXPECT_EQ(again.reply.status, 201);
  EXPECT_EQ(again.reply.content_type, "application/json");
  EXPECT_EQ(again.reply.headers, "Location: /x\r\n");
  EXPECT_EQ(again.reply.body, R"({"a":"ü"})");
  EXPECT_EQ(claim_key(*connection_, key('b')).claim, Claim::other_body);
}

TEST_P(Idempotency, KeysAreTheUsersOwn) {
  EXPECT_EQ(claim_key(*connection_, key()).claim, Claim::ours);
  user_ = add_user();
  EXPECT_EQ(claim_key(*connection_, key('b')).claim, Claim::ours);
}

TEST_P(Idempotency, AClaimThatIsGivenUpIsFree) {
  EXPECT_EQ(claim_key(*connection_, key()).claim, Claim::ours);
  give_up_claim(*connection_, key());
  EXPECT_EQ(claim_key(*connection_, key('b')).claim, Claim::ours);
}

TEST_P(Idempotency, AnAnswerIsNotGivenUp) {
  claim_key(*connection_, key());
  store_reply(*connection_, key(), reply_);
  give_up_claim(*connection_, key());
  EXPECT_EQ(claim_key(*connection_, key()).claim, Claim::answered);
}

TEST_P(Idempotency, OneOfManyClaimsIt) {
  std::atomic<int> ours = 0, running = 0;
  {
    std::vector<std::jthread> rivals;
    for (int i = 0; i < 6; ++i) {
      rivals.emplace_back([&] {
        const auto mine = connect();
        const Claim claim = claim_key(*mine, key()).claim;
        if (claim == Claim::ours) ++ours;
        if (claim == Claim::running) ++running;
      });
    }
  }
  EXPECT_EQ(ours, 1);
  EXPECT_EQ(running, 5);
}

// The server that claimed it is gone: the same request may run, another body may not.
TEST_P(Idempotency, AStaleClaimIsTakenOverByTheSameRequest) {
  claim_key(*connection_, key());
  age("61");
  EXPECT_EQ(claim_key(*connection_, key('b')).claim, Claim::other_body);
  EXPECT_EQ(claim_key(*connection_, key()).claim, Claim::ours);
  EXPECT_EQ(claim_key(*connection_, key()).claim, Claim::running);
}

TEST_P(Idempotency, ADayLaterTheKeyIsForgottenWhetherPrunedOrNot) {
  claim_key(*connection_, key());
  store_reply(*connection_, key(), reply_);
  EXPECT_EQ(prune_keys(*connection_), 0);
  age("86401");
  EXPECT_EQ(claim_key(*connection_, key('b')).claim, Claim::ours);
  store_reply(*connection_, key('b'), reply_);
  age("86401");
  EXPECT_EQ(prune_keys(*connection_), 1);
  EXPECT_EQ(sql_.number("SELECT count(*) FROM idempotency_keys"), 0);
}

}  // namespace boxoffice::tests
