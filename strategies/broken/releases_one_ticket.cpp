// The bug: the sweep gives one ticket back for each hold, however many the hold had. It was right
// as long as a reservation was for one ticket, and nobody looked again when quantity came.
#include "strategies/broken/broken.hpp"
#include "strategies/steps.hpp"

namespace boxoffice::strategies::broken {

namespace {

class ReleasesOneTicket : public BrokenCopy {
 public:
  ReleasesOneTicket() : BrokenCopy(make_pessimistic()) {}
  std::string_view name() const override { return "releases_one_ticket"; }

  Result<ReleaseReply> release_expired(Connection& connection, EventId id) const override {
    return transact<ReleaseReply>(
        connection,
        [&](Transaction& t) -> Result<ReleaseReply> {
          const auto event = lock_event(t, id);
          if (!event) return Refusal{RefusalCode::event_not_found, {}};
          const ReleaseReply released =
              close_due_holds(t, id, EventVersion{event->version.value + 1});
          if (released.reservations == 0) return released;
          change_inventory(t, *event, released.reservations);  // available_tickets += 1, each
          t.commit();
          return released;
        },
        recover_release());
  }
};

}  // namespace

std::unique_ptr<Strategy> make_releases_one_ticket() {
  return std::make_unique<ReleasesOneTicket>();
}

}  // namespace boxoffice::strategies::broken
