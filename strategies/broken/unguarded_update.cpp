// The bug: atomic without its guard, on a schema without its CHECK: the UPDATE takes tickets
// whether there are any or not. The constraint is what would have stopped it, so this control drops
// it, once, from the database that it runs on, which is one of the harness's own.
#include <functional>
#include <mutex>
#include <odb/exceptions.hxx>

#include "strategies/broken/broken.hpp"
#include "strategies/outside.hpp"
#include "strategies/statement.hpp"
#include "strategies/steps.hpp"

namespace boxoffice::strategies::broken {

namespace {

constexpr Statement k_has_check{"has_check",
                                "SELECT count(*) FROM information_schema.table_constraints"
                                " WHERE constraint_name = 'chk_available_tickets_positive'"
                                " AND table_schema = current_schema()",
                                "SELECT count(*) FROM information_schema.table_constraints"
                                " WHERE constraint_name = 'chk_available_tickets_positive'"
                                " AND table_schema = DATABASE()"};
constexpr Statement k_drop_check =
    portable("drop_check", "ALTER TABLE events DROP CONSTRAINT chk_available_tickets_positive");

constexpr Statement k_take_unguarded{
    "take_unguarded",
    "UPDATE events SET available_tickets = available_tickets - $2, version = version + 1,"
    " updated_at = clock_timestamp() WHERE id = $1 RETURNING version",
    "UPDATE events SET available_tickets = available_tickets - $2,"
    " version = LAST_INSERT_ID(version + 1), updated_at = NOW(6) WHERE id = $1"};

bool has_check(Connection& connection) {
  return execute(connection, k_has_check, {}).rows.front().integer(0) > 0;
}

// Another instance may be about to do the same: whoever comes second finds it gone.
void drop_check(Connection& connection) {
  read_outside(connection, [&] {
    if (!has_check(connection)) return false;
    try {
      execute(connection, k_drop_check, {});
    } catch (const odb::exception&) {
      if (has_check(connection)) throw;
    }
    return true;
  });
}

class UnguardedUpdate : public BrokenCopy {
 public:
  UnguardedUpdate() : BrokenCopy(make_atomic()) {}
  std::string_view name() const override { return "unguarded_update"; }

  Result<ReserveReply> reserve(Connection& connection,
                               const ReserveCommand& command) const override {
    std::call_once(once_, drop_check, std::ref(connection));
    return transact<ReserveReply>(
        connection,
        [&](Transaction& t) -> Result<ReserveReply> {
          const auto read = read_event_and_own_hold(t, command.event, command.user);
          if (!read) return Refusal{RefusalCode::event_not_found, {}};
          if (read->own.active())
            return ReserveReply{false, *read->own.hold, read->event.numbers()};
          if (read->own.stale()) throw Conflict("the sweep has not come by yet");
          // A glance that came too early, and nothing behind it that would notice.
          if (read->event.available_tickets < command.quantity)
            return Refusal{RefusalCode::sold_out, read->event.numbers()};
          const std::int64_t made =
              execute(t, k_take_unguarded, {command.event.value, command.quantity}).made;
          const auto after = read_event(t, command.event);
          const Reservation hold = insert_hold(t, command, EventVersion{made}, read->own.now);
          t.commit();
          return ReserveReply{true, hold, after->numbers()};
        },
        recover_reserve(command));
  }

 private:
  mutable std::once_flag once_;
};

}  // namespace

std::unique_ptr<Strategy> make_unguarded_update() {
  return std::make_unique<UnguardedUpdate>();
}

}  // namespace boxoffice::strategies::broken
