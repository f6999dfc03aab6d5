// P9: the connection breaks during COMMIT and nobody knows. The strategy must find out, and must
// not repeat blindly.
#include <fmt/format.h>

#include "strategies/failure.hpp"
#include "strategies/registry.hpp"
#include "tests/strategies/commit_cutter.hpp"
#include "tests/strategies/database_fixture.hpp"

namespace boxoffice::tests {

using namespace strategies;

class LostCommit : public StrategyTest {
 protected:
  CommitCutter cutter_{shared_server(product_).port()};
  std::unique_ptr<Connection> connection_ =
      Database(fmt::format(
                   fmt::runtime(sql_for(
                       "postgresql://postgres@127.0.0.1:{}/{}?sslmode=disable&gssencmode=disable",
                       "mysql://root@127.0.0.1:{}/{}")),
                   cutter_.port(), name_))
          .connect();
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

TEST_P(LostCommit, P9ACancelThatCommittedStaysUnknownBecauseItLeavesNoMark) {
  const EventId event = add_event(5);
  const ReserveCommand request = command(event, add_user());
  const auto hold = strategy_->reserve(*connection_, request).value().reservation;
  cutter_.arm(CommitCutter::Cut::after);
  try {
    (void)strategy_->cancel(*connection_, {hold.id, request.user});
    FAIL() << "claimed to know";
  } catch (const Failure& failure) {
    EXPECT_EQ(FailureCode::commit_unknown, failure.code());
  }
  EXPECT_EQ(5, available(event)) << "released once, not twice";
  expect_identity(event);
}

TEST_P(LostCommit, P9ACancelThatDidNotCommitIsTriedAgain) {
  const EventId event = add_event(5);
  const ReserveCommand request = command(event, add_user());
  const auto hold = strategy_->reserve(*connection_, request).value().reservation;
  cutter_.arm(CommitCutter::Cut::before);
  EXPECT_TRUE(strategy_->cancel(*connection_, {hold.id, request.user}));
  EXPECT_EQ(5, available(event));
}

TEST_P(LostCommit, P9APurchaseThatCommittedStaysUnknown) {
  const ReserveCommand request = command(add_event(5), add_user());
  const auto hold = strategy_->reserve(*connection_, request).value().reservation;
  cutter_.arm(CommitCutter::Cut::after);
  EXPECT_THROW((void)strategy_->purchase(*connection_, {hold.id, request.user}), Failure);
  EXPECT_EQ(1, sql_.number("SELECT count(*) FROM reservations WHERE status = 'purchased'"));
}

}  // namespace boxoffice::tests
