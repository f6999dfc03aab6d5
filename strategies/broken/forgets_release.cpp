// The bug: cancel closes the hold and counts the version, but the line that gives the tickets back
// was lost in a merge. Every cancelled ticket is gone for good: nothing is oversold, and the hall
// stays half empty.
#include "strategies/broken/broken.hpp"
#include "strategies/steps.hpp"

namespace boxoffice::strategies::broken {

namespace {

class ForgetsRelease : public BrokenCopy {
 public:
  ForgetsRelease() : BrokenCopy(make_pessimistic()) {}
  std::string_view name() const override { return "forgets_release"; }

  Result<CancelReply> cancel(Connection& connection, const CancelCommand& command) const override {
    return transact<CancelReply>(
        connection,
        [&](Transaction& t) -> Result<CancelReply> {
          const auto seen = read_reservation(t, command.reservation, command.user);
          if (!seen) return Refusal{RefusalCode::reservation_not_found, {}};
          const auto event = lock_event(t, seen->event_id);
          if (!event) return Refusal{RefusalCode::reservation_not_found, {}};
          const auto closed =
              close_hold(t, *seen, Status::cancelled, EventVersion{event->version.value + 1});
          if (!closed) return Refusal{RefusalCode::not_cancellable, {}};
          const Inventory after = change_inventory(t, *event, 0);  // and the quantity?
          t.commit();
          return CancelReply{closed->reservation, after.numbers()};
        },
        recover_cancel(command));
  }
};

}  // namespace

std::unique_ptr<Strategy> make_forgets_release() {
  return std::make_unique<ForgetsRelease>();
}

}  // namespace boxoffice::strategies::broken
