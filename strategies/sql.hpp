// The parts of SQL that the engines word differently and that many statements share: times as
// microseconds since the Unix epoch, the clock, the columns of a reservation. Macros, because a
// constant expression must concatenate them with the rest of a statement; PG is PostgreSQL, MY is
// MySQL and MariaDB.
//
// The clock is that of the moment at which the statement begins, or later (pitfall P14):
// clock_timestamp(), since now() is the transaction's start on PostgreSQL; on MySQL NOW() is the
// statement's.
#pragma once

#include <cstddef>

#define BOXOFFICE_CLOCK_PG "clock_timestamp()"
#define BOXOFFICE_CLOCK_MY "NOW(6)"

#define BOXOFFICE_US_PG(time) "(extract(epoch from " time ") * 1000000)::bigint"
#define BOXOFFICE_US_MY(time) "TIMESTAMPDIFF(MICROSECOND, TIMESTAMP'1970-01-01 00:00:00', " time ")"

// The other way round, of a parameter such as "$3".
#define BOXOFFICE_TIME_PG(us) "('epoch'::timestamptz + " us "::bigint * interval '1 microsecond')"
#define BOXOFFICE_TIME_MY(us) "(TIMESTAMP'1970-01-01 00:00:00' + INTERVAL " us " MICROSECOND)"

// What reservation_of() reads, in its order; `p` is a prefix such as "r.".
#define BOXOFFICE_RESERVATION(us, p)                                                            \
  p "id, " p "event_id, " p "user_id, " p "quantity, " p "status, " us(p "expires_at") ", " us( \
      p "purchased_at") ", " p "request_id, " p "event_version, " p                             \
                        "closed_event_version, " us(p "created_at") ", " us(p "updated_at")
#define BOXOFFICE_RESERVATION_PG(p) BOXOFFICE_RESERVATION(BOXOFFICE_US_PG, p)
#define BOXOFFICE_RESERVATION_MY(p) BOXOFFICE_RESERVATION(BOXOFFICE_US_MY, p)

// What event_of() reads, in its order.
#define BOXOFFICE_EVENT(us, price)                                                     \
  "id, name, description, total_tickets, available_tickets, " price ", currency, " us( \
      "event_date") ", category, version, revision, " us("created_at") ", " us("updated_at")
#define BOXOFFICE_EVENT_PG BOXOFFICE_EVENT(BOXOFFICE_US_PG, "price::text")
#define BOXOFFICE_EVENT_MY BOXOFFICE_EVENT(BOXOFFICE_US_MY, "price")

namespace boxoffice::strategies {

/// How many columns BOXOFFICE_RESERVATION names.
inline constexpr std::size_t k_reservation_columns = 12;

}  // namespace boxoffice::strategies
