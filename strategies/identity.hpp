// The identity that every strategy must keep, as a question to the running database: the tickets
// that are left and those that somebody has are all of an event's tickets (invariant D1).
//
// Asked in pieces of a bounded number of events, so that it can be asked all the time. One
// statement sees one snapshot, so what it finds broken is broken, whatever runs meanwhile.
#pragma once

#include <vector>

#include "strategies/database.hpp"
#include "strategies/types.hpp"

namespace boxoffice::strategies {

struct IdentityBreak {
  EventId event;
  std::int64_t total_tickets = 0;
  std::int64_t available_tickets = 0;
  std::int64_t taken_tickets = 0;  ///< reserved and purchased
};

struct IdentityLook {
  EventId last;  ///< of the events looked at, in the order of their ids; 0: none was left
  std::int64_t events = 0;  ///< looked at
  std::vector<IdentityBreak> breaks;
};

/// Looks at the first `limit` events behind `after`. Throws Failure.
IdentityLook check_identity(Connection&, EventId after, std::int64_t limit);

}  // namespace boxoffice::strategies
