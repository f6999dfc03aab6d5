// The bug: the look-up of one's own hold asks for its status and forgets the clock (pitfall P13). A
// hold whose time is over is answered as if it stood until a sweep meets it, and cannot be
// purchased. H5 and H6 catch it: a hold is found active only while it may be.
#include "strategies/broken/broken.hpp"
#include "strategies/steps.hpp"

namespace boxoffice::strategies::broken {

namespace {

class FindsEndedHold : public BrokenCopy {
 public:
  FindsEndedHold() : BrokenCopy(make_pessimistic()) {}
  std::string_view name() const override { return "finds_ended_hold"; }

  Result<ReserveReply> reserve(Connection& connection,
                               const ReserveCommand& command) const override {
    return transact<ReserveReply>(
        connection,
        [&](Transaction& t) -> Result<ReserveReply> {
          const auto locked = lock_event_and_find_own_hold(t, command.event, command.user);
          if (!locked) return Refusal{RefusalCode::event_not_found, {}};
          const Inventory& event = locked->event;
          const OwnHold& own = locked->own;
          if (own.hold) return ReserveReply{false, *own.hold, event.numbers()};
          if (event.available_tickets < command.quantity)
            return Refusal{RefusalCode::sold_out, event.numbers()};
          return take_tickets_and_commit(t, event, command, own.now);
        },
        recover_reserve(command));
  }
};

}  // namespace

std::unique_ptr<Strategy> make_finds_ended_hold() {
  return std::make_unique<FindsEndedHold>();
}

}  // namespace boxoffice::strategies::broken
