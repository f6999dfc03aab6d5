// See controls.hpp. The invariants were seen to catch it, most often the first one first
// (`boxoffice selftest`).
#include "harness/controls.hpp"

#include <algorithm>

namespace boxoffice::harness {

const std::vector<Control>& controls() {
  static const std::vector<Control> k_controls = {
      {"naive", "read, check, write back: a lost update", {"H5", "H2", "D1"}},
      {"stale_version", "optimistic without the version in WHERE", {"H5", "D1"}},
      {"unguarded_update", "no guard in the UPDATE, no CHECK", {"H5", "H2", "D1"}},
      {"clamps_at_zero", "enough tickets? asks only: any?", {"H5", "H2", "D1"}},
      {"double_release", "cancel ignores affected rows", {"H5", "H4", "D1"}},
      {"forgets_release", "cancel gives no ticket back", {"H5", "D1"}},
      {"forgets_version", "cancel counts no version", {"H5", "D1"}},
      {"releases_one_ticket", "the sweep gives back one a hold", {"H5", "D1"}},
      {"sweep_reads_before_lock", "the sweep adds up before it locks", {"H5", "D1"}},
      {"sweep_too_early", "the sweep compares whole seconds", {"D3"}},
      {"purchase_after_expiry", "purchase ignores the clock", {"D3"}},
      {"resurrects_terminal", "purchase ignores the state", {"H4", "H5", "D1", "D3"}},
      {"leaks_other_users_hold", "idempotence look-up without user", {"X7"}},
      {"cancels_for_anyone", "cancel's look-up without user", {"X7"}},
      {"reserves_again", "a request sent again gets a new id", {"X1"}},
      {"stale_availability", "\"sold out\" from a cache", {"H5", "H3"}},
      {"skips_locked_event", "locked is taken for sold out", {"H3"}},
      {"loses_locked_event", "locked is taken for not found", {"H3"}},
      {"finds_ended_hold", "the own-hold look-up forgets the clock", {"H5", "H6"}},
      {"sold_out_before_own_hold", "availability is asked before one's own hold", {"H3"}},
      {"acknowledges_before_commit", "what COMMIT says is ignored", {"X1", "H5"}},
      {"retry_after_lost_commit",
       "a lost COMMIT is simply run again",
       {"X4"},
       FaultKind::lost_commit},
      {"locks_in_memory",
       "the lock is a mutex in the server's memory",
       {"H5", "H2", "D1"},
       std::nullopt,
       2},
  };
  return k_controls;
}

const Control* find_control(const std::string& name) {
  const auto found = std::ranges::find(controls(), name, &Control::name);
  return found == controls().end() ? nullptr : &*found;
}

}  // namespace boxoffice::harness
