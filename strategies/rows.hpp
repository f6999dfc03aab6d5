// Between rows and the domain's types.
#pragma once

#include <span>
#include <string>

#include "strategies/catalogue.hpp"
#include "strategies/sql.hpp"
#include "strategies/statement.hpp"
#include "strategies/types.hpp"
#include "tables.hpp"

namespace boxoffice::strategies {

inline Timestamp from_us(std::int64_t microseconds) {
  return Timestamp(std::chrono::microseconds(microseconds));
}
inline std::int64_t to_us(Timestamp time) {
  return time.time_since_epoch().count();
}

Reservation from_row(const schema::Reservation&);
/// Reads the columns of BOXOFFICE_RESERVATION starting at column `first`.
Reservation reservation_of(const Row&, std::size_t first = 0);

/// "1,2,3": how many ids go into a statement as one parameter.
std::string list_of(std::span<const TokenId> ids);

/// Reads the columns of BOXOFFICE_EVENT.
Event event_of(const Row&);

}  // namespace boxoffice::strategies
