// RapidCheck, stateful: random sequences of commands against a strategy on a real database, beside
// a model that is a few lines long. A failure shrinks to a minimal sequence.
#include <fmt/format.h>
#include <rapidcheck.h>
#include <rapidcheck/state.h>

#include "strategies/registry.hpp"
#include "tests/strategies/database_fixture.hpp"

namespace boxoffice::tests {

using namespace strategies;

namespace {

constexpr int k_users = 3;

struct ModelReservation {
  int user = 0;
  std::int64_t quantity = 0;
  Status status = Status::reserved;
  bool stale = false;  // its time is over, whether the sweep has seen it or not
};

struct Model {
  std::int64_t available = 0;
  std::int64_t version = 0;
  std::vector<ModelReservation> reservations;

  void give_back(ModelReservation& reservation, Status status) {
    reservation.status = status;
    available += reservation.quantity;
  }
};

struct Sut {
  DatabaseTest* database = nullptr;
  const Strategy* strategy = nullptr;
  Connection* connection = nullptr;
  EventId event;
  std::vector<UserId> users;
  std::vector<Reservation> reservations;
  std::function<ReserveCommand(EventId, UserId, std::chrono::microseconds, std::int64_t)> command;
};

using SutCommand = rc::state::Command<Model, Sut>;

ModelReservation* own_hold(Model& model, int user) {
  for (ModelReservation& each : model.reservations) {
    if (each.user == user && each.status == Status::reserved) return &each;
  }
  return nullptr;
}

struct Reserve : SutCommand {
  int user = *rc::gen::inRange(0, k_users);
  std::int64_t quantity = *rc::gen::inRange<std::int64_t>(1, 4);
  bool short_hold = *rc::gen::arbitrary<bool>();

  void apply(Model& model) const override {
    if (ModelReservation* own = own_hold(model, user)) {
      if (!own->stale) return;
      model.give_back(*own, Status::expired);
      ++model.version;
    }
    if (model.available < quantity) return;
    model.available -= quantity;
    ++model.version;
    model.reservations.push_back({user, quantity, Status::reserved, short_hold});
  }

  void run(const Model& before, Sut& sut) const override {
    Model after = before;
    apply(after);
    const bool created = after.reservations.size() > before.reservations.size();
    Model copy = before;
    const ModelReservation* own = own_hold(copy, user);
    const auto hold = short_hold ? std::chrono::microseconds(1) : std::chrono::microseconds(5min);
    const auto result = sut.strategy->reserve(
        *sut.connection,
        sut.command(sut.event, sut.users[static_cast<std::size_t>(user)], hold, quantity));
    if (!created && !(own && !own->stale)) {
      RC_ASSERT_FALSE(result.has_value());
      RC_ASSERT(result.error().code == RefusalCode::sold_out);
      RC_ASSERT(result.error().event->available_tickets == after.available);
      RC_ASSERT(result.error().event->version.value == after.version);
      return;
    }
    RC_ASSERT(result.has_value());
    RC_ASSERT(result->created == created);
    RC_ASSERT(result->event.available_tickets == after.available);
    RC_ASSERT(result->event.version.value == after.version);
    if (created) sut.reservations.push_back(result->reservation);
  }

  void show(std::ostream& out) const override {
    out << fmt::format("reserve {} by user {}{}", quantity, user,
                       short_hold ? ", hold over at once" : "");
  }
};

// What purchase and cancel have in common: which reservation, by whom.
struct OnReservation : SutCommand {
  std::size_t which = *rc::gen::inRange<std::size_t>(0, 8);
  int user = *rc::gen::inRange(0, k_users);

  void checkPreconditions(const Model& model) const override {
    RC_PRE(which < model.reservations.size());
  }
};

struct Purchase : OnReservation {
  void apply(Model& model) const override {
    checkPreconditions(model);
    ModelReservation& reservation = model.reservations[which];
    if (reservation.user != user || reservation.status != Status::reserved || reservation.stale)
      return;
    reservation.status = Status::purchased;
  }

  static std::optional<RefusalCode> refusal(const ModelReservation& reservation, int user) {
    if (reservation.user != user) return RefusalCode::reservation_not_found;
    if (reservation.status == Status::purchased) return RefusalCode::already_purchased;
    if (reservation.status == Status::cancelled) return RefusalCode::already_cancelled;
    if (reservation.status == Status::expired || reservation.stale)
      return RefusalCode::reservation_expired;
    return std::nullopt;
  }

  void run(const Model& before, Sut& sut) const override {
    const auto expected = refusal(before.reservations[which], user);
    const auto result = sut.strategy->purchase(
        *sut.connection, {sut.reservations[which].id, sut.users[static_cast<std::size_t>(user)]});
    RC_ASSERT(result.has_value() == !expected);
    if (expected) RC_ASSERT(result.error().code == *expected);
  }

  void show(std::ostream& out) const override {
    out << fmt::format("purchase #{} by user {}", which, user);
  }
};

struct Cancel : OnReservation {
  void apply(Model& model) const override {
    checkPreconditions(model);
    ModelReservation& reservation = model.reservations[which];
    if (reservation.user != user || reservation.status != Status::reserved) return;
    model.give_back(reservation, Status::cancelled);
    ++model.version;
  }

  void run(const Model& before, Sut& sut) const override {
    Model after = before;
    apply(after);
    const auto result = sut.strategy->cancel(
        *sut.connection, {sut.reservations[which].id, sut.users[static_cast<std::size_t>(user)]});
    RC_ASSERT(result.has_value() == (after.version > before.version));
    if (!result) {
      RC_ASSERT(result.error().code == (before.reservations[which].user == user
                                            ? RefusalCode::not_cancellable
                                            : RefusalCode::reservation_not_found));
      return;
    }
    RC_ASSERT(result->event.available_tickets == after.available);
    RC_ASSERT(result->event.version.value == after.version);
  }

  void show(std::ostream& out) const override {
    out << fmt::format("cancel #{} by user {}", which, user);
  }
};

struct Release : SutCommand {
  void apply(Model& model) const override {
    bool any = false;
    for (ModelReservation& each : model.reservations) {
      if (each.status != Status::reserved || !each.stale) continue;
      model.give_back(each, Status::expired);
      any = true;
    }
    if (any) ++model.version;
  }

  void run(const Model& before, Sut& sut) const override {
    Model after = before;
    apply(after);
    const auto released = sut.strategy->release_expired(*sut.connection, sut.event).value();
    RC_ASSERT(released.tickets == after.available - before.available);
  }

  void show(std::ostream& out) const override { out << "sweep"; }
};

}  // namespace

class Sequential : public StrategyTest {
 public:
  using DatabaseTest::command;
};

INSTANTIATE_TEST_SUITE_P(Sound, Sequential, ::testing::ValuesIn(sound_strategies()), name_of);

TEST_P(Sequential, DoesWhatTheModelDoes) {
  setenv("RC_PARAMS", "max_success=25 max_size=60", 0);
  const auto connection = connect();
  std::vector<UserId> users;
  for (int i = 0; i < k_users; ++i) users.push_back(add_user());
  const bool held = rc::check("a strategy does what the model does", [&] {
    const auto capacity = *rc::gen::inRange<std::int64_t>(0, 8);
    Sut sut{this,
            strategy_.get(),
            connection.get(),
            add_event(capacity),
            users,
            {},
            [this](EventId e, UserId u, std::chrono::microseconds h, std::int64_t q) {
              return command(e, u, h, q);
            }};
    rc::state::check(
        Model{capacity, 0, {}}, sut,
        rc::state::gen::execOneOfWithArgs<Reserve, Reserve, Purchase, Cancel, Release>());
    expect_identity(sut.event);
  });
  EXPECT_TRUE(held);
}

}  // namespace boxoffice::tests
