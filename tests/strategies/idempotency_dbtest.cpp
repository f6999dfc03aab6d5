// One key, one claim: whoever comes second reads, waits or is told that the key is taken.
#include "strategies/idempotency.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <thread>

#include "strategies/administration.hpp"
#include "strategies/failure.hpp"
#include "tests/strategies/commit_cutter.hpp"
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
  /// Through what cuts COMMITs.
  std::unique_ptr<Connection> connect_through(const CommitCutter& cutter) {
    const char* url =
        sql_for("postgresql://postgres@127.0.0.1:{}/{}?sslmode=disable&gssencmode=disable",
                "mysql://root@127.0.0.1:{}/{}");
    return Database(fmt::format(fmt::runtime(url), cutter.port(), name_)).connect();
  }
  /// Keys that were claimed and never answered.
  void add_claims(int count) {
    sql_.run(fmt::format(
        "INSERT INTO idempotency_keys (user_id, idempotency_key, request_hash, created_at)"
        " WITH RECURSIVE numbers (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < {})"
        " SELECT {}, concat('{}-', i), repeat('a', 64), now() FROM numbers",
        count, user_.value, ++filled_));
  }
  const NewEvent opera_{.name = "Opera",
                        .description = "",
                        .total_tickets = 5,
                        .event_date = std::chrono::sys_days{std::chrono::year{2030} / 1 / 1}};
  const CreationRecord record_{[&](Transaction& t, const Event&) { store_reply(t, key(), reply_); },
                               [&](Transaction& t) { return is_answered(t, key()); }};
  int filled_ = 0;
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

// What a second run is to find is stored under the claim's row.
TEST_P(Idempotency, ATakeOverKeepsTheRowAndADayLaterThereIsAnother) {
  const auto row = claim_key(*connection_, key()).row;
  EXPECT_EQ(row, sql_.number("SELECT id FROM idempotency_keys"));
  age("61");
  EXPECT_EQ(row, claim_key(*connection_, key()).row);
  hand_over_claim(*connection_, key());
  EXPECT_EQ(claim_key(*connection_, key('b')).claim, Claim::other_body);
  const Claimed handed_over = claim_key(*connection_, key());
  EXPECT_EQ(handed_over.claim, Claim::ours) << "at once";
  EXPECT_EQ(handed_over.row, row);
  store_reply(*connection_, key(), reply_);
  hand_over_claim(*connection_, key());
  EXPECT_EQ(claim_key(*connection_, key()).claim, Claim::answered) << "whoever handed it over";
  age("86401");
  const Claimed anew = claim_key(*connection_, key());
  EXPECT_EQ(anew.claim, Claim::ours);
  EXPECT_NE(anew.row, row);
  EXPECT_EQ(anew.row, sql_.number("SELECT id FROM idempotency_keys"));
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

TEST_P(Idempotency, AClaimWhoseCommitWasLostIsOursAndNobodyElses) {
  for (const auto cut : {CommitCutter::Cut::before, CommitCutter::Cut::after}) {
    user_ = add_user();
    CommitCutter cutter(shared_server(product_).port());
    const auto through = connect_through(cutter);
    cutter.arm(cut);
    EXPECT_EQ(claim_key(*through, key()).claim, Claim::ours);
    EXPECT_TRUE(cutter.cut_happened());
    EXPECT_EQ(claim_key(*through, key()).claim, Claim::running);
    age("61");
    cutter.arm(cut);
    EXPECT_EQ(claim_key(*through, key()).claim, Claim::ours) << "taken over";
    EXPECT_EQ(claim_key(*through, key()).claim, Claim::running);
    store_reply(*through, key(), reply_);
    EXPECT_EQ(claim_key(*through, key()).reply.headers, "Location: /x\r\n");
  }
}

// The reply is part of the transaction that makes the event: either both are there or none.
TEST_P(Idempotency, AnEventWhoseCommitWasLostIsMadeOnce) {
  std::int64_t made = 0;
  for (const auto cut : {CommitCutter::Cut::before, CommitCutter::Cut::after}) {
    user_ = add_user();
    CommitCutter cutter(shared_server(product_).port());
    const auto through = connect_through(cutter);
    claim_key(*through, key());
    cutter.arm(cut);
    const Event created = create_event(*through, opera_, record_);
    EXPECT_TRUE(cutter.cut_happened());
    EXPECT_EQ(sql_.number("SELECT count(*) FROM events"), ++made);
    EXPECT_EQ(sql_.number("SELECT max(id) FROM events"), created.id.value);
    give_up_claim(*through, key());
    EXPECT_EQ(claim_key(*through, key()).claim, Claim::answered) << "whoever gave it up";
  }
  CommitCutter cutter(shared_server(product_).port());
  const auto through = connect_through(cutter);
  cutter.arm(CommitCutter::Cut::after);
  EXPECT_THROW(create_event(*through, opera_), Failure) << "nothing tells it from another's";
}

// The first one took longer than its claim stood, and the second did the work meanwhile.
TEST_P(Idempotency, OfTwoThatHadTheClaimOneMakesTheEvent) {
  EXPECT_EQ(claim_key(*connection_, key()).claim, Claim::ours);
  age("61");
  const auto second = connect();
  EXPECT_EQ(claim_key(*second, key()).claim, Claim::ours);
  create_event(*second, opera_, record_);
  try {
    create_event(*connection_, opera_, record_);
    ADD_FAILURE() << "it was made twice";
  } catch (const Failure& failure) {
    EXPECT_EQ(FailureCode::retries_exhausted, failure.code());
  }
  EXPECT_EQ(sql_.number("SELECT count(*) FROM events"), 1);
  EXPECT_EQ(claim_key(*connection_, key()).claim, Claim::answered);
}

TEST_P(Idempotency, OfTwoRepliesTheFirstStays) {
  EXPECT_EQ(claim_key(*connection_, key()).claim, Claim::ours);
  age("61");
  EXPECT_EQ(claim_key(*connection_, key()).claim, Claim::ours);  // taken over, as by another server
  store_reply(*connection_, key(), reply_);
  store_reply(*connection_, key(), {409, "application/problem+json", "", "already_purchased"});
  EXPECT_EQ(claim_key(*connection_, key()).reply.status, 201);
}

TEST_P(Idempotency, ABacklogIsForgottenInBatches) {
  add_claims(600);
  add_claims(600);
  EXPECT_EQ(prune_keys(*connection_), 0);
  age("86401");
  claim_key(*connection_, key());
  EXPECT_EQ(prune_keys(*connection_), k_prune_batch);
  EXPECT_EQ(prune_keys(*connection_), 1200 - k_prune_batch);
  EXPECT_EQ(sql_.number("SELECT count(*) FROM idempotency_keys"), 1) << "which is young";
}

}  // namespace boxoffice::tests
