// The bug: the reply is built before COMMIT, and what COMMIT says is logged and forgotten. Where it
// fails the buyer holds a number that no row stands behind. So that it fails now and then, this
// control ends its own session before some of its commits.
#include <atomic>
#include <optional>

#include "strategies/broken/broken.hpp"
#include "strategies/statement.hpp"
#include "strategies/steps.hpp"

namespace boxoffice::strategies::broken {

namespace {

constexpr Statement k_end_own_session{"end_own_session",
                                      "SELECT pg_terminate_backend(pg_backend_pid())::int",
                                      "KILL CONNECTION_ID()"};

bool database_fails_now() {
  static std::atomic<int> commits = 0;
  return ++commits % 50 == 0;
}

class AcknowledgesBeforeCommit : public BrokenCopy {
 public:
  AcknowledgesBeforeCommit() : BrokenCopy(make_pessimistic()) {}
  std::string_view name() const override { return "acknowledges_before_commit"; }

  Result<ReserveReply> reserve(Connection& connection,
                               const ReserveCommand& command) const override {
    std::optional<ReserveReply> built;
    try {
      return transact<ReserveReply>(
          connection,
          [&](Transaction& t) -> Result<ReserveReply> {
            if (built) return *built;  // the second try, after the connection broke
            const auto locked = lock_event_and_find_own_hold(t, command.event, command.user);
            if (!locked) return Refusal{RefusalCode::event_not_found, {}};
            Inventory event = locked->event;
            const OwnHold& own = locked->own;
            if (own.active()) return ReserveReply{false, *own.hold, event.numbers()};
            if (own.stale()) event = expire_own_hold(t, event, *own.hold);
            if (event.available_tickets < command.quantity) {
              if (own.stale()) t.commit();
              return Refusal{RefusalCode::sold_out, event.numbers()};
            }
            event = change_inventory(t, event, -command.quantity);
            const Reservation hold = insert_hold(t, command, event.version, own.now);
            built = ReserveReply{true, hold, event.numbers()};
            if (database_fails_now()) execute(t, k_end_own_session, {});
            t.commit();
            return *built;
          },
          recover_reserve(command));
    } catch (const std::exception&) {  // "only the commit": logged, and on we go
      if (!built) throw;
      return *built;
    }
  }
};

}  // namespace

std::unique_ptr<Strategy> make_acknowledges_before_commit() {
  return std::make_unique<AcknowledgesBeforeCommit>();
}

}  // namespace boxoffice::strategies::broken
