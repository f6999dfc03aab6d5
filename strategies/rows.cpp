// See rows.hpp.
#include "strategies/rows.hpp"

namespace boxoffice::strategies {

Reservation reservation_of(const Row& row, std::size_t first) {
  Reservation reservation;
  reservation.id = ReservationId{row.integer(first)};
  reservation.event_id = EventId{row.integer(first + 1)};
  reservation.user_id = UserId{row.integer(first + 2)};
  reservation.quantity = row.integer(first + 3);
  reservation.status = status_from(row.text(first + 4));
  reservation.expires_at = from_us(row.integer(first + 5));
  if (!row.is_null(first + 6)) reservation.purchased_at = from_us(row.integer(first + 6));
  reservation.request_id = row.text(first + 7);
  reservation.event_version = EventVersion{row.integer(first + 8)};
  if (!row.is_null(first + 9))
    reservation.closed_event_version = EventVersion{row.integer(first + 9)};
  reservation.created_at = from_us(row.integer(first + 10));
  reservation.updated_at = from_us(row.integer(first + 11));
  return reservation;
}

std::string list_of(std::span<const TokenId> ids) {
  std::string list;
  for (const TokenId id : ids) {
    if (!list.empty()) list += ',';
    list += std::to_string(id.value);
  }
  return list;
}

Event event_of(const Row& row) {
  return {EventId{row.integer(0)},
          row.text(1),
          row.text(2),
          row.integer(3),
          row.integer(4),
          row.text(5),
          row.text(6),
          from_us(row.integer(7)),
          row.text(8),
          EventVersion{row.integer(9)},
          row.integer(10),
          from_us(row.integer(11)),
          from_us(row.integer(12))};
}

}  // namespace boxoffice::strategies
