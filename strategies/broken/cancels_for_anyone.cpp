// The bug: cancel looks the reservation up by its id alone. Whoever knows, or guesses, a number
// gives another customer's tickets back.
#include "strategies/broken/broken.hpp"
#include "strategies/statement.hpp"
#include "strategies/steps.hpp"

namespace boxoffice::strategies::broken {

namespace {

constexpr Statement k_find_owner =
    portable("find_owner", "SELECT user_id FROM reservations WHERE id = $1");

class CancelsForAnyone : public BrokenCopy {
 public:
  CancelsForAnyone() : BrokenCopy(make_pessimistic()) {}
  std::string_view name() const override { return "cancels_for_anyone"; }

  Result<CancelReply> cancel(Connection& connection, const CancelCommand& command) const override {
    return transact<CancelReply>(
        connection,
        [&](Transaction& t) -> Result<CancelReply> {
          const auto owner = execute(t, k_find_owner, {command.reservation.value}).first();
          if (!owner) return Refusal{RefusalCode::reservation_not_found, {}};
          const auto seen = read_reservation(t, command.reservation,
                                             UserId{owner->integer(0)});  // is it command.user?
          auto event = lock_event(t, seen->event_id);
          const EventVersion next{event->version.value + 1};
          const auto closed = close_hold(t, *seen, Status::cancelled, next);
          if (!closed) return Refusal{RefusalCode::not_cancellable, {}};
          event = change_inventory(t, *event, closed->reservation.quantity);
          t.commit();
          return CancelReply{closed->reservation, event->numbers()};
        },
        recover_cancel(command));
  }
};

}  // namespace

std::unique_ptr<Strategy> make_cancels_for_anyone() {
  return std::make_unique<CancelsForAnyone>();
}

}  // namespace boxoffice::strategies::broken
