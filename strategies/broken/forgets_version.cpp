// The bug: cancel gives the tickets back without counting the event's version, as a hotfix written
// in SQL by hand would. The tickets are right, but every optimistic writer that read before it no
// longer notices it.
#include "strategies/broken/broken.hpp"
#include "strategies/steps.hpp"

namespace boxoffice::strategies::broken {

namespace {

class ForgetsVersion : public BrokenCopy {
 public:
  ForgetsVersion() : BrokenCopy(make_pessimistic()) {}
  std::string_view name() const override { return "forgets_version"; }

  Result<CancelReply> cancel(Connection& connection, const CancelCommand& command) const override {
    return transact<CancelReply>(
        connection,
        [&](Transaction& t) -> Result<CancelReply> {
          const auto seen = read_reservation(t, command.reservation, command.user);
          if (!seen) return Refusal{RefusalCode::reservation_not_found, {}};
          const auto event = lock_event(t, seen->event_id);
          if (!event) return Refusal{RefusalCode::reservation_not_found, {}};
          const auto closed = close_hold(t, *seen, Status::cancelled, event->version);
          if (!closed) return Refusal{RefusalCode::not_cancellable, {}};
          EventNumbers after = event->numbers();
          after.available_tickets += closed->reservation.quantity;
          add_released_tickets_and_commit(t, event->id,
                                          closed->reservation.quantity);  // version = version
          return CancelReply{closed->reservation, after};
        },
        recover_cancel(command));
  }
};

}  // namespace

std::unique_ptr<Strategy> make_forgets_version() {
  return std::make_unique<ForgetsVersion>();
}

}  // namespace boxoffice::strategies::broken
