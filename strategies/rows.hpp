// Between the mapped rows and the domain's types.
#pragma once

#include "strategies/statement.hpp"
#include "strategies/types.hpp"
#include "tables.hpp"

// The columns that reservation_of() reads, in its order, for RETURNING and SELECT; `p` is a prefix
// such as "r.". A macro because a constant expression must concatenate it with the rest of the
// statement.
#define BOXOFFICE_RESERVATION_COLUMNS(p)                                                  \
  p "id, " p "event_id, " p "user_id, " p "quantity, " p "status, (extract(epoch from " p \
    "expires_at) * 1000000)::bigint, (extract(epoch from " p                              \
    "purchased_at) * 1000000)::bigint, " p "request_id, " p "event_version, " p           \
    "closed_event_version, (extract(epoch from " p                                        \
    "created_at) * 1000000)::bigint, (extract(epoch from " p "updated_at) * 1000000)::bigint"

namespace boxoffice::strategies {

/// How many columns BOXOFFICE_RESERVATION_COLUMNS names.
inline constexpr std::size_t k_reservation_columns = 12;

inline Timestamp from_us(std::int64_t microseconds) {
  return Timestamp(std::chrono::microseconds(microseconds));
}
inline std::int64_t to_us(Timestamp time) {
  return time.time_since_epoch().count();
}

schema::Reservation to_row(const Reservation&);
Reservation from_row(const schema::Reservation&);
/// Reads BOXOFFICE_RESERVATION_COLUMNS starting at column `first`.
Reservation reservation_of(const Row&, std::size_t first = 0);

}  // namespace boxoffice::strategies
