// How many connections the database lets us have: what a pool is held against before it is opened.
#pragma once

#include <cstdint>

namespace boxoffice::strategies {

class Connection;

struct ConnectionBudget {
  std::int64_t most = 0;  ///< max_connections
  std::int64_t free = 0;  ///< of those not taken and not kept for administrators; may be negative
};

/// Asks the server; `connection` itself counts as free. Throws Failure.
ConnectionBudget connection_budget(Connection& connection);

}  // namespace boxoffice::strategies
