// The bug: reserve asks whether any ticket is left instead of whether enough are, and keeps the
// counter from going below zero instead of refusing. Whoever wants three of the last two gets
// three.
#include "strategies/broken/broken.hpp"
#include "strategies/statement.hpp"
#include "strategies/steps.hpp"

namespace boxoffice::strategies::broken {

namespace {

constexpr Statement k_take_clamped{
    "take_clamped",
    "UPDATE events SET available_tickets = greatest(available_tickets - $2, 0),"
    " version = version + 1, updated_at = clock_timestamp() WHERE id = $1 RETURNING version",
    "UPDATE events SET available_tickets = greatest(available_tickets - $2, 0),"
    " version = LAST_INSERT_ID(version + 1), updated_at = NOW(6) WHERE id = $1"};

class ClampsAtZero : public BrokenCopy {
 public:
  ClampsAtZero() : BrokenCopy(make_pessimistic()) {}
  std::string_view name() const override { return "clamps_at_zero"; }

  Result<ReserveReply> reserve(Connection& connection,
                               const ReserveCommand& command) const override {
    return transact<ReserveReply>(
        connection,
        [&](Transaction& t) -> Result<ReserveReply> {
          const auto locked = lock_event_and_find_own_hold(t, command.event, command.user);
          if (!locked) return Refusal{RefusalCode::event_not_found, {}};
          Inventory event = locked->event;
          if (locked->own.active()) return ReserveReply{false, *locked->own.hold, event.numbers()};
          if (locked->own.stale()) event = expire_own_hold(t, event, *locked->own.hold);
          if (event.available_tickets == 0) {  // none left? but are there enough?
            if (locked->own.stale()) t.commit();
            return Refusal{RefusalCode::sold_out, event.numbers()};
          }
          const std::int64_t made =
              execute(t, k_take_clamped, {command.event.value, command.quantity}).made;
          const Reservation hold = insert_hold(t, command, EventVersion{made}, locked->own.now);
          const auto after = read_event(t, command.event);
          t.commit();
          return ReserveReply{true, hold, after->numbers()};
        },
        recover_reserve(command));
  }
};

}  // namespace

std::unique_ptr<Strategy> make_clamps_at_zero() {
  return std::make_unique<ClampsAtZero>();
}

}  // namespace boxoffice::strategies::broken
