// The identity that every strategy must keep, as a question to the running database: the tickets
// that are left and those that somebody has are all of an event's tickets (invariant D1).
//
// Asked in pieces of a bounded number of events, so that it can be asked all the time: first which
// the next ones are, then what does not add up among them. One statement sees one snapshot, so what
// it finds broken is broken, whatever runs meanwhile.
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

struct IdentityRange {
  EventId last;  ///< in the order of their ids; 0: none is left
  std::int64_t events = 0;
};

/// The first `limit` events behind `after`. Throws Failure.
IdentityRange identity_range(Connection&, EventId after, std::int64_t limit);
/// Of those behind `after` and up to `last` the ones that do not add up, or have fewer tickets left
/// than none or more than all. Reads all their reservations. Throws Failure.
std::vector<IdentityBreak> identity_breaks(Connection&, EventId after, EventId last);

}  // namespace boxoffice::strategies
