// The simulator: correct concurrent runs, from a seed.
//
// Clients send operations to the model server; each takes effect at a moment drawn from its
// interval, so that the history is linearizable by construction. Clients share users (which makes
// idempotent holds and races for one reservation), stamps collide on purpose, replies get lost
// whether or not the operation took effect (even long after the client gave up), requests are sent
// again, COMMITs are found again, sweeps come in batches, and the database's clock runs at a
// slightly different rate.
#pragma once

#include <cstdint>
#include <iosfwd>

#include "properties/audit.hpp"
#include "properties/history.hpp"

namespace boxoffice::properties::simulation {

struct Plan {
  std::uint64_t seed = 1;
  int events = 2;
  int clients = 5;
  int users = 3;
  int operations = 80;
  int tickets = 8;  ///< of each event
  int quantity_max = 3;
  int hold_us = 40;
  int lost_percent = 8;       ///< of the operations whose reply is lost
  bool earlier_rows = false;  ///< the events were sold from before the run
  bool unfinished = false;    ///< of some lost operations not even that is recorded
};
std::ostream& operator<<(std::ostream& out, const Plan& plan);

struct Simulated {
  History history;
  Audit audit;
};

Simulated simulate(const Plan& plan);

}  // namespace boxoffice::properties::simulation
