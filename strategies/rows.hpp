// Between rows and the domain's types.
#pragma once

#include <span>
#include <string>

#include "strategies/catalogue.hpp"
#include "strategies/sql.hpp"
#include "strategies/statement.hpp"
#include "strategies/types.hpp"

namespace boxoffice::strategies {

inline Timestamp from_us(std::int64_t microseconds) {
  return Timestamp(std::chrono::microseconds(microseconds));
}
inline std::int64_t to_us(Timestamp time) {
  return time.time_since_epoch().count();
}

/// One's own reservation, its columns as reservation_of() reads them; nothing where it is
/// another's.
inline constexpr Statement k_find_reservation{
    "find_reservation",
    "SELECT " BOXOFFICE_RESERVATION_PG("") " FROM reservations WHERE id = $1 AND user_id = $2",
    "SELECT " BOXOFFICE_RESERVATION_MY("") " FROM reservations WHERE id = $1 AND user_id = $2"};

/// Reads the columns of BOXOFFICE_RESERVATION starting at column `first`.
Reservation reservation_of(const Row&, std::size_t first = 0);

/// "1,2,3": how many ids go into a statement as one parameter.
std::string list_of(std::span<const TokenId> ids);

/// Reads the columns of BOXOFFICE_EVENT.
Event event_of(const Row&);

}  // namespace boxoffice::strategies
