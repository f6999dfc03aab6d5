// What every sound strategy must do, whoever wins: the life of a reservation, its versions, its
// refusals.
#include "strategies/registry.hpp"
#include "tests/strategies/database_fixture.hpp"

namespace boxoffice::tests {

using namespace strategies;

class Lifecycle : public StrategyTest {
 protected:
  std::unique_ptr<Connection> connection_ = connect();
};

INSTANTIATE_TEST_SUITE_P(Sound, Lifecycle, ::testing::ValuesIn(sound_strategies()), name_of);

TEST_P(Lifecycle, ReserveTakesTicketsAndCountsTheVersion) {
  const EventId event = add_event(10);
  const auto reply = strategy_->reserve(*connection_, command(event, add_user(), 5min, 3)).value();
  EXPECT_TRUE(reply.created);
  EXPECT_EQ(Status::reserved, reply.reservation.status);
  EXPECT_EQ(3, reply.reservation.quantity);
  EXPECT_EQ(7, reply.event.available_tickets);
  EXPECT_EQ(EventVersion{1}, reply.event.version);
  EXPECT_EQ(EventVersion{1}, reply.reservation.event_version);
  EXPECT_EQ(5min, reply.reservation.expires_at - reply.reservation.created_at);
  EXPECT_EQ(7, available(event));
  EXPECT_EQ(1, version(event));
  expect_identity(event);
}

TEST_P(Lifecycle, TheLastTicketIsSoldOnceAndTheRefusalCarriesTheNumbers) {
  const EventId event = add_event(1);
  ASSERT_TRUE(strategy_->reserve(*connection_, command(event, add_user())));
  const auto refused = strategy_->reserve(*connection_, command(event, add_user()));
  ASSERT_FALSE(refused);
  EXPECT_EQ(RefusalCode::sold_out, refused.error().code);
  EXPECT_EQ(0, refused.error().event.value().available_tickets);
  EXPECT_EQ(EventVersion{1}, refused.error().event.value().version);
  expect_identity(event);
}

TEST_P(Lifecycle, TooManyAtOnceIsSoldOutThoughSomeAreLeft) {
  const EventId event = add_event(2);
  const auto refused = strategy_->reserve(*connection_, command(event, add_user(), 5min, 3));
  ASSERT_FALSE(refused);
  EXPECT_EQ(RefusalCode::sold_out, refused.error().code);
  EXPECT_EQ(2, refused.error().event.value().available_tickets);
  EXPECT_EQ(0, version(event));
}

TEST_P(Lifecycle, OnesOwnActiveHoldComesBackEvenWhenSoldOut) {
  const EventId event = add_event(1);
  const UserId user = add_user();
  const auto first = strategy_->reserve(*connection_, command(event, user)).value();
  const auto again = strategy_->reserve(*connection_, command(event, user)).value();
  EXPECT_FALSE(again.created);
  EXPECT_EQ(first.reservation.id, again.reservation.id);
  EXPECT_EQ(0, again.event.available_tickets);
  EXPECT_EQ(EventVersion{1}, again.event.version);
  EXPECT_EQ(1, version(event));
}

TEST_P(Lifecycle, OnesOwnActiveHoldComesBackWhileTicketsAreLeft) {
  const EventId event = add_event(5);
  const UserId user = add_user();
  ASSERT_TRUE(strategy_->reserve(*connection_, command(event, user)));
  const auto again = strategy_->reserve(*connection_, command(event, user)).value();
  EXPECT_FALSE(again.created);
  EXPECT_EQ(4, again.event.available_tickets);
  EXPECT_EQ(EventVersion{1}, again.event.version);
  EXPECT_EQ(4, available(event));
}

TEST_P(Lifecycle, ARequestSentAgainFindsItsReservation) {
  const EventId event = add_event(5);
  const ReserveCommand request = command(event, add_user());
  const auto first = strategy_->reserve(*connection_, request).value();
  ASSERT_TRUE(strategy_->purchase(*connection_, {first.reservation.id, request.user}));
  const auto again = strategy_->reserve(*connection_, request).value();
  EXPECT_FALSE(again.created);
  EXPECT_EQ(first.reservation.id, again.reservation.id);
  EXPECT_EQ(Status::purchased, again.reservation.status);
  EXPECT_EQ(4, available(event));
}

TEST_P(Lifecycle, NoSuchEvent) {
  const auto refused = strategy_->reserve(*connection_, command(EventId{999}, add_user()));
  ASSERT_FALSE(refused);
  EXPECT_EQ(RefusalCode::event_not_found, refused.error().code);
  EXPECT_EQ(RefusalCode::event_not_found,
            strategy_->release_expired(*connection_, EventId{999}).error().code);
}

TEST_P(Lifecycle, PurchaseIsFinalAndChangesNoInventory) {
  const EventId event = add_event(2);
  const UserId user = add_user();
  const auto hold = strategy_->reserve(*connection_, command(event, user)).value().reservation;
  const auto bought = strategy_->purchase(*connection_, {hold.id, user}).value().reservation;
  EXPECT_EQ(Status::purchased, bought.status);
  EXPECT_LT(bought.purchased_at.value(), bought.expires_at);
  EXPECT_EQ(1, version(event));
  EXPECT_EQ(RefusalCode::already_purchased,
            strategy_->purchase(*connection_, {hold.id, user}).error().code);
  EXPECT_EQ(RefusalCode::not_cancellable,
            strategy_->cancel(*connection_, {hold.id, user}).error().code);
  expect_identity(event);
}

TEST_P(Lifecycle, CancelGivesBackOnce) {
  const EventId event = add_event(2);
  const UserId user = add_user();
  const auto hold =
      strategy_->reserve(*connection_, command(event, user, 5min, 2)).value().reservation;
  const auto cancelled = strategy_->cancel(*connection_, {hold.id, user}).value();
  EXPECT_EQ(Status::cancelled, cancelled.reservation.status);
  EXPECT_EQ(EventVersion{2}, cancelled.reservation.closed_event_version.value());
  EXPECT_EQ(2, cancelled.event.available_tickets);
  EXPECT_EQ(EventVersion{2}, cancelled.event.version);
  EXPECT_EQ(RefusalCode::not_cancellable,
            strategy_->cancel(*connection_, {hold.id, user}).error().code);
  EXPECT_EQ(RefusalCode::already_cancelled,
            strategy_->purchase(*connection_, {hold.id, user}).error().code);
  EXPECT_EQ(2, available(event));
  EXPECT_EQ(2, version(event));
}

TEST_P(Lifecycle, AnotherUsersReservationDoesNotExist) {
  const auto hold =
      strategy_->reserve(*connection_, command(add_event(2), add_user())).value().reservation;
  const UserId stranger = add_user();
  EXPECT_EQ(RefusalCode::reservation_not_found,
            strategy_->purchase(*connection_, {hold.id, stranger}).error().code);
  EXPECT_EQ(RefusalCode::reservation_not_found,
            strategy_->cancel(*connection_, {hold.id, stranger}).error().code);
}

TEST_P(Lifecycle, TheSweepReleasesOneBatchAsOneVersion) {
  const EventId event = add_event(3);
  const auto first =
      strategy_->reserve(*connection_, command(event, add_user(), 1us)).value().reservation;
  ASSERT_TRUE(strategy_->reserve(*connection_, command(event, add_user(), 1us)));
  ASSERT_TRUE(strategy_->reserve(*connection_, command(event, add_user(), 5min)));
  const auto released = strategy_->release_expired(*connection_, event).value();
  EXPECT_EQ(2, released.reservations);
  EXPECT_EQ(2, released.tickets);
  EXPECT_EQ(2, available(event));
  EXPECT_EQ(4, version(event));
  EXPECT_EQ(RefusalCode::reservation_expired,
            strategy_->purchase(*connection_, {first.id, first.user_id}).error().code);
  EXPECT_EQ(0, strategy_->release_expired(*connection_, event).value().reservations);
  EXPECT_EQ(4, version(event)) << "a sweep that found nothing makes no version";
  expect_identity(event);
}

TEST_P(Lifecycle, TheSweepStopsAtItsBatch) {
  const EventId event = add_event(1000);
  for (int i = 0; i < 250; ++i)
    sql_.query("INSERT INTO users (name, email, password) VALUES ('u', $1, '!')",
               {"bulk" + std::to_string(i)});
  sql_.query(
      "INSERT INTO reservations (event_id, user_id, quantity, status, expires_at, request_id, "
      "event_version)"
      " SELECT $1, id, 1, 'reserved', '2020-01-01 00:00:00', id, 1 FROM users WHERE email LIKE "
      "'bulk%'",
      {std::to_string(event.value)});
  sql_.query("UPDATE events SET available_tickets = 750, version = 250 WHERE id = $1",
             {std::to_string(event.value)});
  EXPECT_EQ(k_release_batch, strategy_->release_expired(*connection_, event).value().reservations);
  EXPECT_EQ(50, strategy_->release_expired(*connection_, event).value().reservations);
  EXPECT_EQ(1000, available(event));
  expect_identity(event);
}

// Auditors put triggers on tables. On MySQL and MariaDB one hides what UPDATE ... LAST_INSERT_ID()
// gives back: replies said version 0, and holds were closed at version 0.
TEST_P(Lifecycle, SomebodysTriggerOnTheEventsChangesNoNumber) {
  sql_.run(
      sql_for("CREATE TABLE audit_of_events (id BIGINT GENERATED ALWAYS AS IDENTITY, event BIGINT);"
              "CREATE FUNCTION note_event() RETURNS trigger LANGUAGE plpgsql AS"
              " $$ BEGIN INSERT INTO audit_of_events (event) VALUES (NEW.id); RETURN NULL; END $$;"
              "CREATE TRIGGER note_event AFTER UPDATE ON events FOR EACH ROW"
              " EXECUTE FUNCTION note_event()",
              "CREATE TABLE audit_of_events (id BIGINT AUTO_INCREMENT PRIMARY KEY, event BIGINT)"));
  if (!on_postgresql()) {
    sql_.run(
        "CREATE TRIGGER note_event AFTER UPDATE ON events FOR EACH ROW"
        " INSERT INTO audit_of_events (event) VALUES (NEW.id)");
  }
  const auto connection = connect();
  const EventId event = add_event(5);
  const UserId user = add_user();
  const auto held = strategy_->reserve(*connection, command(event, user)).value();
  EXPECT_EQ(EventVersion{1}, held.event.version);
  EXPECT_EQ(EventVersion{1}, held.reservation.event_version);
  const auto closed = strategy_->cancel(*connection, {held.reservation.id, user}).value();
  EXPECT_EQ(EventVersion{2}, closed.event.version);
  EXPECT_EQ(EventVersion{2}, closed.reservation.closed_event_version);
  const auto stale =
      strategy_->reserve(*connection, command(event, user, std::chrono::microseconds(1))).value();
  EXPECT_EQ(EventVersion{3}, stale.event.version);
  const auto again = strategy_->reserve(*connection, command(event, user)).value();
  EXPECT_EQ(EventVersion{5}, again.event.version) << "expired, then reserved";
  expect_identity(event);
}

}  // namespace boxoffice::tests
