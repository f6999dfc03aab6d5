// What the sweep needs from the database: which events have holds that are over, and the leader
// lock that keeps instances from sweeping at once. Correctness never rests on that lock: each
// release is conditional on its row.
#pragma once

#include <vector>

#include "strategies/strategy.hpp"

namespace boxoffice::strategies {

/// Events with at least one reserved row at or after its expires_at, ordered by id, of those after
/// `after` the first `limit`.
std::vector<EventId> events_with_expired_holds(Connection&, EventId after, std::int64_t limit);

/// Takes the leader lock on this connection (an advisory lock, which lives as long as the session
/// does). False where another instance has it.
bool try_lead(Connection&);
void stop_leading(Connection&);

}  // namespace boxoffice::strategies
