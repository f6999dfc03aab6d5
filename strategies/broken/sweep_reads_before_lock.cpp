// The bug: the sweep adds up what is due before it locks the event, and gives that sum back
// afterwards. A hold that is cancelled, or swept by another instance, while it waits for the lock
// is counted by both.
#include "strategies/broken/broken.hpp"
#include "strategies/statement.hpp"
#include "strategies/steps.hpp"

namespace boxoffice::strategies::broken {

namespace {

constexpr Statement k_sum_due{
    "sum_due",
    "SELECT coalesce(sum(quantity), 0)::bigint FROM reservations WHERE event_id = $1"
    " AND status = 'reserved' AND expires_at <= clock_timestamp()",
    "SELECT CAST(coalesce(sum(quantity), 0) AS SIGNED) FROM reservations WHERE event_id = $1"
    " AND status = 'reserved' AND expires_at <= NOW(6)"};

class SweepReadsBeforeLock : public BrokenCopy {
 public:
  SweepReadsBeforeLock() : BrokenCopy(make_pessimistic()) {}
  std::string_view name() const override { return "sweep_reads_before_lock"; }

  Result<ReleaseReply> release_expired(Connection& connection, EventId id) const override {
    return transact<ReleaseReply>(
        connection,
        [&](Transaction& t) -> Result<ReleaseReply> {
          const std::int64_t tickets = execute(t, k_sum_due, {id.value}).rows.front().integer(0);
          if (tickets == 0) return ReleaseReply{};
          const auto event = lock_event(t, id);  // by now some of them may be closed
          if (!event) return Refusal{RefusalCode::event_not_found, {}};
          ReleaseReply released = close_due_holds(t, id, EventVersion{event->version.value + 1});
          if (released.reservations == 0) return released;
          released.tickets = tickets;
          change_inventory(t, *event, tickets);
          t.commit();
          return released;
        },
        recover_release());
  }
};

}  // namespace

std::unique_ptr<Strategy> make_sweep_reads_before_lock() {
  return std::make_unique<SweepReadsBeforeLock>();
}

}  // namespace boxoffice::strategies::broken
