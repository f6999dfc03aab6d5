// The bug: read, check, write back what was computed from the read, without a lock and without a
// guard. Two buyers who read the same number both write it minus one: one update is lost and a
// ticket is sold twice.
#include "strategies/broken/broken.hpp"
#include "strategies/statement.hpp"
#include "strategies/steps.hpp"

namespace boxoffice::strategies::broken {

namespace {

constexpr Statement k_write_back{"write_back",
                                 "UPDATE events SET available_tickets = $2, version = $3,"
                                 " updated_at = clock_timestamp() WHERE id = $1",
                                 "UPDATE events SET available_tickets = $2, version = $3,"
                                 " updated_at = NOW(6) WHERE id = $1"};

class Naive : public BrokenCopy {
 public:
  Naive() : BrokenCopy(make_pessimistic()) {}
  std::string_view name() const override { return "naive"; }

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
          event.available_tickets -=
              command.quantity;  // computed here from a number that may be old by now
          event.version.value += 1;
          execute(t, k_write_back, {event.id.value, event.available_tickets, event.version.value});
          const Reservation hold = insert_hold(t, command, event.version, read->own.now);
          t.commit();
          return ReserveReply{true, hold, event.numbers()};
        },
        recover_reserve(command));
  }
};

}  // namespace

std::unique_ptr<Strategy> make_naive() {
  return std::make_unique<Naive>();
}

}  // namespace boxoffice::strategies::broken
