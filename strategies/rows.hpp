// Between rows and the domain's types.
#pragma once

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

}  // namespace boxoffice::strategies
