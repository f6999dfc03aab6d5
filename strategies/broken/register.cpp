// See broken.hpp.
#include "strategies/broken/broken.hpp"
#include "strategies/registry.hpp"

namespace boxoffice::strategies::broken {

void register_all() {
  register_broken("naive", make_naive);
  register_broken("stale_version", make_stale_version);
  register_broken("double_release", make_double_release);
  register_broken("purchase_after_expiry", make_purchase_after_expiry);
  register_broken("unguarded_update", make_unguarded_update);
  register_broken("clamps_at_zero", make_clamps_at_zero);
  register_broken("forgets_release", make_forgets_release);
  register_broken("forgets_version", make_forgets_version);
  register_broken("releases_one_ticket", make_releases_one_ticket);
  register_broken("sweep_too_early", make_sweep_too_early);
  register_broken("sweep_reads_before_lock", make_sweep_reads_before_lock);
  register_broken("resurrects_terminal", make_resurrects_terminal);
  register_broken("leaks_other_users_hold", make_leaks_other_users_hold);
  register_broken("stale_availability", make_stale_availability);
  register_broken("skips_locked_event", make_skips_locked_event);
  register_broken("loses_locked_event", make_loses_locked_event);
  register_broken("finds_ended_hold", make_finds_ended_hold);
  register_broken("sold_out_before_own_hold", make_sold_out_before_own_hold);
  register_broken("acknowledges_before_commit", make_acknowledges_before_commit);
  register_broken("retry_after_lost_commit", make_retry_after_lost_commit);
  register_broken("locks_in_memory", make_locks_in_memory);
  register_broken("cancels_for_anyone", make_cancels_for_anyone);
  register_broken("reserves_again", make_reserves_again);
}

}  // namespace boxoffice::strategies::broken
