// The bug: where the connection broke during COMMIT, cancel simply runs again. If the first try was
// carried out and only its answer lost, the second one finds the hold closed and tells the buyer
// that it cannot be cancelled, who gave the tickets back and goes on counting on them (pitfall P9).
#include "strategies/broken/broken.hpp"
#include "strategies/steps.hpp"

namespace boxoffice::strategies::broken {

namespace {

class RetryAfterLostCommit : public BrokenCopy {
 public:
  RetryAfterLostCommit() : BrokenCopy(make_pessimistic()) {}
  std::string_view name() const override { return "retry_after_lost_commit"; }

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
          const Inventory after = change_inventory(t, *event, closed->reservation.quantity);
          t.commit();
          return CancelReply{closed->reservation, after.numbers()};
        },
        // "It did not commit, or we would have been told."
        [](Transaction&) -> std::optional<Result<CancelReply>> { return std::nullopt; });
  }
};

}  // namespace

std::unique_ptr<Strategy> make_retry_after_lost_commit() {
  return std::make_unique<RetryAfterLostCommit>();
}

}  // namespace boxoffice::strategies::broken
