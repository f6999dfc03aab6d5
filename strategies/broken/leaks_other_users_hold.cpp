// The bug: the look-up that makes a repeated reserve idempotent forgot the user. Whoever asks for
// an event on which anybody has an active hold is answered with that stranger's reservation, and
// has no ticket.
#include <atomic>

#include "strategies/broken/broken.hpp"
#include "strategies/statement.hpp"
#include "strategies/steps.hpp"

namespace boxoffice::strategies::broken {

namespace {

constexpr Statement k_any_active_hold{
    "any_active_hold",
    "SELECT id, user_id FROM reservations WHERE event_id = $1 AND status = 'reserved'"
    " AND expires_at > clock_timestamp() ORDER BY id DESC LIMIT 1",
    "SELECT id, user_id FROM reservations WHERE event_id = $1 AND status = 'reserved'"
    " AND expires_at > NOW(6) ORDER BY id DESC LIMIT 1"};

// Each hundredth request is handled by the instance with the new code.
bool on_the_new_instance() {
  static std::atomic<int> requests = 0;
  return ++requests % 100 == 0;
}

class LeaksOtherUsersHold : public BrokenCopy {
 public:
  LeaksOtherUsersHold() : BrokenCopy(make_pessimistic()) {}
  std::string_view name() const override { return "leaks_other_users_hold"; }

  Result<ReserveReply> reserve(Connection& connection,
                               const ReserveCommand& command) const override {
    if (!on_the_new_instance()) return BrokenCopy::reserve(connection, command);
    auto found = transact<ReserveReply>(
        connection,
        [&](Transaction& t) -> Result<ReserveReply> {
          const auto event = lock_event(t, command.event);
          if (!event) return Refusal{RefusalCode::event_not_found, {}};
          const auto active = execute(t, k_any_active_hold, {command.event.value}).first();
          if (!active) return Refusal{RefusalCode::reservation_not_found, {}};
          const auto hold = read_reservation(t, ReservationId{active->integer(0)},
                                             UserId{active->integer(1)});  // whose is it?
          return ReserveReply{false, *hold, event->numbers()};
        },
        recover_reserve(command));
    return found.has_value() ? std::move(found) : BrokenCopy::reserve(connection, command);
  }
};

}  // namespace

std::unique_ptr<Strategy> make_leaks_other_users_hold() {
  return std::make_unique<LeaksOtherUsersHold>();
}

}  // namespace boxoffice::strategies::broken
