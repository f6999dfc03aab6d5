// The bug: availability is looked at before one's own hold. The last holder's retry, sent because a
// reply was lost, is told "sold out", and the customer believes that the tickets are somebody
// else's. The numbers of that reply are right, and no row is wrong: H3 catches it, by who was told.
#include "strategies/broken/broken.hpp"
#include "strategies/steps.hpp"

namespace boxoffice::strategies::broken {

namespace {

class SoldOutBeforeOwnHold : public BrokenCopy {
 public:
  SoldOutBeforeOwnHold() : BrokenCopy(make_pessimistic()) {}
  std::string_view name() const override { return "sold_out_before_own_hold"; }

  Result<ReserveReply> reserve(Connection& connection,
                               const ReserveCommand& command) const override {
    return transact<ReserveReply>(
        connection,
        [&](Transaction& t) -> Result<ReserveReply> {
          const auto locked = lock_event_and_find_own_hold(t, command.event, command.user);
          if (!locked) return Refusal{RefusalCode::event_not_found, {}};
          Inventory event = locked->event;
          const OwnHold& own = locked->own;
          if (event.available_tickets < command.quantity)
            return Refusal{RefusalCode::sold_out, event.numbers()};
          if (own.active()) return ReserveReply{false, *own.hold, event.numbers()};
          if (own.stale()) event = expire_own_hold(t, event, *own.hold);
          return take_tickets_and_commit(t, event, command, own.now);
        },
        recover_reserve(command));
  }
};

}  // namespace

std::unique_ptr<Strategy> make_sold_out_before_own_hold() {
  return std::make_unique<SoldOutBeforeOwnHold>();
}

}  // namespace boxoffice::strategies::broken
