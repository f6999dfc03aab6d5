// The bug, in the two words that it has: SKIP LOCKED on the event's row, so that nobody has to
// wait. A row that is merely locked is not found, and "not found" is told to the buyer as sold out
// while the hall is empty (pitfall P6), or as it is: that there is no such event (404).
#include "strategies/broken/broken.hpp"
#include "strategies/statement.hpp"
#include "strategies/steps.hpp"

namespace boxoffice::strategies::broken {

namespace {

constexpr Statement k_lock_or_skip{
    "lock_or_skip", "SELECT id FROM events WHERE id = $1 FOR NO KEY UPDATE SKIP LOCKED",
    "SELECT id FROM events WHERE id = $1 FOR UPDATE SKIP LOCKED"};

class SkipsLockedEvent : public BrokenCopy {
 public:
  SkipsLockedEvent(std::string_view name, RefusalCode told)
      : BrokenCopy(make_pessimistic()), name_(name), told_(told) {}
  std::string_view name() const override { return name_; }

  Result<ReserveReply> reserve(Connection& connection,
                               const ReserveCommand& command) const override {
    return transact<ReserveReply>(
        connection,
        [&](Transaction& t) -> Result<ReserveReply> {
          if (execute(t, k_lock_or_skip, {command.event.value}).rows.empty())
            return Refusal{told_, {}};
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

 private:
  std::string_view name_;
  RefusalCode told_;
};

}  // namespace

std::unique_ptr<Strategy> make_skips_locked_event() {
  return std::make_unique<SkipsLockedEvent>("skips_locked_event", RefusalCode::sold_out);
}

std::unique_ptr<Strategy> make_loses_locked_event() {
  return std::make_unique<SkipsLockedEvent>("loses_locked_event", RefusalCode::event_not_found);
}

}  // namespace boxoffice::strategies::broken
