// P9: the connection breaks during COMMIT and nobody knows. The strategy must find out, and must
// not repeat blindly.
#include <future>

#include "strategies/failure.hpp"
#include "strategies/registry.hpp"
#include "tests/strategies/commit_cutter.hpp"
#include "tests/strategies/database_fixture.hpp"

namespace boxoffice::tests {

using namespace strategies;

class LostCommit : public StrategyTest {
 protected:
  CommitCutter cutter_{shared_server(product_).port()};
  std::unique_ptr<Connection> connection_ = Database(url_at(cutter_.port())).connect();

  /// What the call failed with; nothing, and the test fails, where it did not.
  template <class Call>
  std::optional<FailureCode> failure_of(Call call) {
    try {
      (void)call();
    } catch (const Failure& failure) {
      return failure.code();
    }
    ADD_FAILURE() << "claimed to know";
    return std::nullopt;
  }
};

INSTANTIATE_TEST_SUITE_P(Sound, LostCommit, ::testing::ValuesIn(sound_strategies()), name_of);

TEST_P(LostCommit, P9AReserveThatCommittedIsFoundAndNotRepeated) {
  const EventId event = add_event(5);
  const ReserveCommand request = command(event, add_user());
  cutter_.arm(CommitCutter::Cut::after);
  const auto reply = strategy_->reserve(*connection_, request).value();
  EXPECT_TRUE(cutter_.cut_happened());
  EXPECT_EQ(request.request_id, reply.reservation.request_id);
  EXPECT_EQ(4, available(event));
  EXPECT_EQ(1, version(event));
  EXPECT_EQ(1, sql_.number("SELECT count(*) FROM reservations"));
}

TEST_P(LostCommit, P9AReplyThatBreaksOffInItsMiddleIsALostOneToo) {
  const EventId event = add_event(5);
  const ReserveCommand request = command(event, add_user());
  cutter_.arm(CommitCutter::Cut::within);
  const auto reply = strategy_->reserve(*connection_, request).value();
  EXPECT_TRUE(cutter_.cut_happened());
  EXPECT_EQ(request.request_id, reply.reservation.request_id);
  EXPECT_EQ(1, version(event));
  EXPECT_EQ(1, sql_.number("SELECT count(*) FROM reservations"));
}

TEST_P(LostCommit, P9AReserveThatDidNotCommitIsTriedAgain) {
  const EventId event = add_event(5);
  cutter_.arm(CommitCutter::Cut::before);
  const auto reply = strategy_->reserve(*connection_, command(event, add_user())).value();
  EXPECT_TRUE(cutter_.cut_happened());
  EXPECT_TRUE(reply.created);
  EXPECT_EQ(4, available(event));
  EXPECT_EQ(1, sql_.number("SELECT count(*) FROM reservations"));
  EXPECT_EQ(2, connection_->statistics().attempts);
}

// The old session still holds the event and is about to commit: what is not there yet is no proof.
TEST_P(LostCommit, P9AReserveWhoseCommitIsStillOnItsWayIsWaitedFor) {
  const EventId event = add_event(5);
  const ReserveCommand request = command(event, add_user());
  cutter_.arm(CommitCutter::Cut::held);
  auto reserve = std::async(std::launch::async,
                            [&] { return strategy_->reserve(*connection_, request).value(); });
  wait_for_lock_waits(1);
  cutter_.let_through();
  const ReserveReply reply = reserve.get();
  EXPECT_TRUE(cutter_.cut_happened());
  EXPECT_EQ(request.request_id, reply.reservation.request_id);
  EXPECT_EQ(EventVersion{1}, reply.reservation.event_version);
  EXPECT_EQ(1, connection_->statistics().attempts) << "found by asking, not by trying again";
  EXPECT_EQ(4, available(event));
  EXPECT_EQ(1, sql_.number("SELECT count(*) FROM reservations"));
}

TEST_P(LostCommit, P9ACancelThatCommittedStaysUnknownBecauseItLeavesNoMark) {
  const EventId event = add_event(5);
  const ReserveCommand request = command(event, add_user());
  const auto hold = strategy_->reserve(*connection_, request).value().reservation;
  cutter_.arm(CommitCutter::Cut::after);
  EXPECT_EQ(FailureCode::commit_unknown, failure_of([&] {
              return strategy_->cancel(*connection_, {hold.id, request.user});
            }));
  EXPECT_EQ(5, available(event)) << "released once, not twice";
  expect_identity(event);
}

TEST_P(LostCommit, P9ACancelThatDidNotCommitIsTriedAgain) {
  const EventId event = add_event(5);
  const ReserveCommand request = command(event, add_user());
  const auto hold = strategy_->reserve(*connection_, request).value().reservation;
  cutter_.arm(CommitCutter::Cut::before);
  EXPECT_TRUE(strategy_->cancel(*connection_, {hold.id, request.user}));
  EXPECT_TRUE(cutter_.cut_happened());
  EXPECT_EQ(2, connection_->statistics().attempts);
  EXPECT_EQ(5, available(event));
  EXPECT_EQ(2, version(event));
}

TEST_P(LostCommit, P9APurchaseThatCommittedStaysUnknown) {
  const ReserveCommand request = command(add_event(5), add_user());
  const auto hold = strategy_->reserve(*connection_, request).value().reservation;
  cutter_.arm(CommitCutter::Cut::after);
  EXPECT_EQ(FailureCode::commit_unknown, failure_of([&] {
              return strategy_->purchase(*connection_, {hold.id, request.user});
            }));
  EXPECT_EQ(1, sql_.number("SELECT count(*) FROM reservations WHERE status = 'purchased'"));
}

TEST_P(LostCommit, P9APurchaseThatDidNotCommitIsTriedAgain) {
  const ReserveCommand request = command(add_event(5), add_user());
  const auto hold = strategy_->reserve(*connection_, request).value().reservation;
  cutter_.arm(CommitCutter::Cut::before);
  EXPECT_TRUE(strategy_->purchase(*connection_, {hold.id, request.user}));
  EXPECT_TRUE(cutter_.cut_happened());
  EXPECT_EQ(2, connection_->statistics().attempts);
  EXPECT_EQ(1, sql_.number("SELECT count(*) FROM reservations WHERE status = 'purchased'"));
}

// Where nobody can be asked. One strategy will do: each of these takes as long as a strategy asks.
class UnaskedCommit : public LostCommit {};

INSTANTIATE_TEST_SUITE_P(Atomic, UnaskedCommit, ::testing::ValuesIn([] {
                           auto all = sound_strategies();
                           std::erase_if(all, [](auto& on) { return on.strategy != "atomic"; });
                           return all;
                         }()),
                         name_of);

TEST_P(UnaskedCommit, P9AReserveIsUnknownWhereTheServerStaysDown) {
  const EventId event = add_event(5);
  const ReserveCommand request = command(event, add_user());
  cutter_.arm(CommitCutter::Cut::for_good);
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(FailureCode::commit_unknown,
            failure_of([&] { return strategy_->reserve(*connection_, request); }));
  EXPECT_TRUE(cutter_.cut_happened());
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 3s) << "it gave up before a server restarts";
  EXPECT_EQ(1, connection_->statistics().attempts);
}

TEST_P(UnaskedCommit, P9AReserveIsUnknownWhereItsCommitStaysOnItsWay) {
  const EventId event = add_event(5);
  const ReserveCommand request = command(event, add_user());
  cutter_.arm(CommitCutter::Cut::held);
  EXPECT_EQ(FailureCode::commit_unknown,
            failure_of([&] { return strategy_->reserve(*connection_, request); }));
  EXPECT_EQ(1, connection_->statistics().attempts);
  cutter_.let_through();
  wait_until("SELECT count(*) FROM reservations");
  EXPECT_EQ(4, available(event));
}

}  // namespace boxoffice::tests
