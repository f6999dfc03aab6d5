// The bug: the sweep compares whole seconds. A hold that ends at 10:00:00.9 counts as over from
// 10:00:00 on, so that up to a second before its time a buyer at the till loses the tickets.
#include "strategies/broken/broken.hpp"
#include "strategies/statement.hpp"
#include "strategies/steps.hpp"

namespace boxoffice::strategies::broken {

namespace {

constexpr Statement k_due_by_the_second{
    "due_by_the_second",
    "SELECT id, quantity FROM reservations WHERE event_id = $1 AND status = 'reserved'"
    " AND date_trunc('second', expires_at) <= clock_timestamp() ORDER BY id LIMIT $2 FOR UPDATE",
    "SELECT id, quantity FROM reservations WHERE event_id = $1 AND status = 'reserved'"
    " AND expires_at - INTERVAL MICROSECOND(expires_at) MICROSECOND <= NOW(6) ORDER BY id LIMIT $2"
    " FOR UPDATE"};
constexpr Statement k_expire_one{
    "expire_one",
    "UPDATE reservations SET status = 'expired', closed_event_version = $2,"
    " updated_at = clock_timestamp() WHERE id = $1 AND status = 'reserved'",
    "UPDATE reservations SET status = 'expired', closed_event_version = $2, updated_at = NOW(6)"
    " WHERE id = $1 AND status = 'reserved'"};

class SweepTooEarly : public BrokenCopy {
 public:
  SweepTooEarly() : BrokenCopy(make_pessimistic()) {}
  std::string_view name() const override { return "sweep_too_early"; }

  Result<ReleaseReply> release_expired(Connection& connection, EventId id) const override {
    return transact<ReleaseReply>(
        connection,
        [&](Transaction& t) -> Result<ReleaseReply> {
          const auto event = lock_event(t, id);
          if (!event) return Refusal{RefusalCode::event_not_found, {}};
          ReleaseReply released;
          for (const Row& row : execute(t, k_due_by_the_second, {id.value, k_release_batch}).rows) {
            execute(t, k_expire_one, {row.integer(0), event->version.value + 1});
            released.tickets += row.integer(1);
            ++released.reservations;
          }
          if (released.reservations == 0) return released;
          change_inventory(t, *event, released.tickets);
          t.commit();
          return released;
        },
        recover_release());
  }
};

}  // namespace

std::unique_ptr<Strategy> make_sweep_too_early() {
  return std::make_unique<SweepTooEarly>();
}

}  // namespace boxoffice::strategies::broken
