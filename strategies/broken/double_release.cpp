// The bug: cancel ignores how many rows its UPDATE changed. It decides on an unlocked read; where
// the sweep or another request closed the hold in between, its tickets go back a second time.
#include "strategies/broken/broken.hpp"
#include "strategies/steps.hpp"

namespace boxoffice::strategies::broken {

namespace {

class DoubleRelease : public BrokenCopy {
 public:
  DoubleRelease() : BrokenCopy(make_pessimistic()) {}
  std::string_view name() const override { return "double_release"; }

  Result<CancelReply> cancel(Connection& connection, const CancelCommand& command) const override {
    return transact<CancelReply>(
        connection,
        [&](Transaction& t) -> Result<CancelReply> {
          const auto seen = read_reservation(t, command.reservation, command.user);
          if (!seen) return Refusal{RefusalCode::reservation_not_found, {}};
          if (seen->status == Status::purchased || seen->status == Status::cancelled) {
            return Refusal{RefusalCode::not_cancellable, {}};
          }
          const auto event = lock_event(t, seen->event_id);
          if (!event) return Refusal{RefusalCode::reservation_not_found, {}};
          close_hold(t, *seen, Status::cancelled,
                     EventVersion{event->version.value + 1});  // and if it was closed?
          Reservation closed = *seen;
          closed.status = Status::cancelled;
          const Inventory after = change_inventory(t, *event, seen->quantity);
          t.commit();
          return CancelReply{closed, after.numbers()};
        },
        recover_cancel(command));
  }
};

}  // namespace

std::unique_ptr<Strategy> make_double_release() {
  return std::make_unique<DoubleRelease>();
}

}  // namespace boxoffice::strategies::broken
