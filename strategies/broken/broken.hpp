// Negative controls: strategies with one deliberate bug each. Each must be caught by `boxoffice
// verify`; the README's track record says by which invariant. Linked only into
// boxoffice-server-broken and tests, never installed.
#pragma once

#include "strategies/sound.hpp"
#include "strategies/steps.hpp"

namespace boxoffice::strategies::broken {

/// Puts all of them into the registry; boxoffice-server-broken's main calls it first.
void register_all();

std::unique_ptr<Strategy> make_naive();
std::unique_ptr<Strategy> make_stale_version();
std::unique_ptr<Strategy> make_double_release();
std::unique_ptr<Strategy> make_purchase_after_expiry();
std::unique_ptr<Strategy> make_unguarded_update();
std::unique_ptr<Strategy> make_clamps_at_zero();
std::unique_ptr<Strategy> make_forgets_release();
std::unique_ptr<Strategy> make_forgets_version();
std::unique_ptr<Strategy> make_releases_one_ticket();
std::unique_ptr<Strategy> make_sweep_too_early();
std::unique_ptr<Strategy> make_sweep_reads_before_lock();
std::unique_ptr<Strategy> make_resurrects_terminal();
std::unique_ptr<Strategy> make_leaks_other_users_hold();
std::unique_ptr<Strategy> make_stale_availability();
std::unique_ptr<Strategy> make_skips_locked_event();
std::unique_ptr<Strategy> make_loses_locked_event();
std::unique_ptr<Strategy> make_finds_ended_hold();
std::unique_ptr<Strategy> make_sold_out_before_own_hold();
std::unique_ptr<Strategy> make_acknowledges_before_commit();
std::unique_ptr<Strategy> make_retry_after_lost_commit();
std::unique_ptr<Strategy> make_locks_in_memory();
std::unique_ptr<Strategy> make_cancels_for_anyone();
std::unique_ptr<Strategy> make_reserves_again();

/// INSERT INTO reservations ..., and its COMMIT later: a sound strategy sends both together
/// (insert_hold_and_commit).
Reservation insert_hold(Transaction&, const ReserveCommand&, EventVersion made_at, Timestamp now);

/// A sound strategy, of which a control replaces the one function with the bug.
class BrokenCopy : public Strategy {
 public:
  explicit BrokenCopy(std::unique_ptr<Strategy> sound) : sound_(std::move(sound)) {}

  Result<ReserveReply> reserve(Connection& c, const ReserveCommand& command) const override {
    return sound_->reserve(c, command);
  }
  Result<PurchaseReply> purchase(Connection& c, const PurchaseCommand& command) const override {
    return sound_->purchase(c, command);
  }
  Result<CancelReply> cancel(Connection& c, const CancelCommand& command) const override {
    return sound_->cancel(c, command);
  }
  Result<ReleaseReply> release_expired(Connection& c, EventId event) const override {
    return sound_->release_expired(c, event);
  }

 private:
  std::unique_ptr<Strategy> sound_;
};

}  // namespace boxoffice::strategies::broken
