// The bug: optimistic without the version in WHERE. The availability is written back as computed
// from the read, so a lost race is not noticed; the version itself still counts up, so only the
// numbers betray it.
#include "strategies/broken/broken.hpp"
#include "strategies/statement.hpp"
#include "strategies/steps.hpp"

namespace boxoffice::strategies::broken {

namespace {

constexpr Statement k_ignore_version{"ignore_version",
                                     "UPDATE events SET available_tickets = $2,"
                                     " version = version + 1, updated_at = clock_timestamp()"
                                     " WHERE id = $1 RETURNING version",
                                     "UPDATE events SET available_tickets = $2,"
                                     " version = LAST_INSERT_ID(version + 1), updated_at = NOW(6)"
                                     " WHERE id = $1"};

class StaleVersion : public BrokenCopy {
 public:
  StaleVersion() : BrokenCopy(make_optimistic()) {}
  std::string_view name() const override { return "stale_version"; }

  Result<ReserveReply> reserve(Connection& connection,
                               const ReserveCommand& command) const override {
    return transact<ReserveReply>(
        connection,
        [&](Transaction& t) -> Result<ReserveReply> {
          const auto read =
              read_event_and_own_hold(t, command.event, command.user);  // SELECT, no lock
          if (!read) return Refusal{RefusalCode::event_not_found, {}};
          Inventory event = read->event;
          if (read->own.active()) return ReserveReply{false, *read->own.hold, event.numbers()};
          if (read->own.stale()) event = expire_own_hold(t, event, *read->own.hold);
          if (event.available_tickets < command.quantity) {
            if (read->own.stale()) t.commit();
            return Refusal{RefusalCode::sold_out, event.numbers()};
          }
          event.available_tickets -= command.quantity;
          event.version = EventVersion{
              execute(t, k_ignore_version, {event.id.value, event.available_tickets}).made};
          const Reservation hold = insert_hold(t, command, event.version, read->own.now);
          t.commit();
          return ReserveReply{true, hold, event.numbers()};
        },
        recover_reserve(command));
  }
};

}  // namespace

std::unique_ptr<Strategy> make_stale_version() {
  return std::make_unique<StaleVersion>();
}

}  // namespace boxoffice::strategies::broken
