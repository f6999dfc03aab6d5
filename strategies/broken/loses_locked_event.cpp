// The bug: SKIP LOCKED on the event's row, so that nobody has to wait. A row that is merely locked
// is not found, and the buyer is told that there is no such event (404). H3 catches it: the tickets
// of the event are counted before and after.
#include "strategies/broken/broken.hpp"
#include "strategies/statement.hpp"
#include "strategies/steps.hpp"

namespace boxoffice::strategies::broken {

namespace {

constexpr Statement k_lock_if_free{
    "lock_if_free", "SELECT id FROM events WHERE id = $1 FOR NO KEY UPDATE SKIP LOCKED",
    "SELECT id FROM events WHERE id = $1 FOR UPDATE SKIP LOCKED"};

class LosesLockedEvent : public BrokenCopy {
 public:
  LosesLockedEvent() : BrokenCopy(make_pessimistic()) {}
  std::string_view name() const override { return "loses_locked_event"; }

  Result<ReserveReply> reserve(Connection& connection,
                               const ReserveCommand& command) const override {
    return transact<ReserveReply>(
        connection,
        [&](Transaction& t) -> Result<ReserveReply> {
          if (execute(t, k_lock_if_free, {command.event.value}).rows.empty())
            return Refusal{RefusalCode::event_not_found, {}};
          const auto locked = lock_event_and_find_own_hold(t, command.event, command.user);
          if (!locked) return Refusal{RefusalCode::event_not_found, {}};
          Inventory event = locked->event;
          const OwnHold& own = locked->own;
          if (own.active()) return ReserveReply{false, *own.hold, event.numbers()};
          if (own.stale()) event = expire_own_hold(t, event, *own.hold);
          if (event.available_tickets < command.quantity) {
            if (own.stale()) t.commit();
            return Refusal{RefusalCode::sold_out, event.numbers()};
          }
          return take_tickets_and_commit(t, event, command, own.now);
        },
        recover_reserve(command));
  }
};

}  // namespace

std::unique_ptr<Strategy> make_loses_locked_event() {
  return std::make_unique<LosesLockedEvent>();
}

}  // namespace boxoffice::strategies::broken
