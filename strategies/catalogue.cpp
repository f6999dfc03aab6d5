// See catalogue.hpp. Single statements, each its own transaction on the server: no BEGIN, no
// COMMIT.
#include "strategies/catalogue.hpp"

#include "strategies/outside.hpp"
#include "strategies/rows.hpp"
#include "strategies/statement.hpp"

namespace boxoffice::strategies {

namespace {

#define BOXOFFICE_EVENT_COLUMNS                                                             \
  "id, name, description, total_tickets, available_tickets, price::text, currency,"         \
  " (extract(epoch from event_date) * 1000000)::bigint, category, version, revision,"       \
  " (extract(epoch from created_at) * 1000000)::bigint, (extract(epoch from updated_at) * " \
  "1000000)::bigint"

constexpr Statement k_find_event{
    "find_event", "SELECT " BOXOFFICE_EVENT_COLUMNS " FROM events WHERE id = $1::bigint"};
constexpr Statement k_list_events{"list_events",
                                  "SELECT " BOXOFFICE_EVENT_COLUMNS
                                  " FROM events ORDER BY id LIMIT $1::bigint OFFSET $2::bigint"};
constexpr Statement k_count_events{"count_events", "SELECT count(*) FROM events"};
constexpr Statement k_find_reservation{"find_reservation",
                                       "SELECT " BOXOFFICE_RESERVATION_COLUMNS("") " FROM reservations"
                                       " WHERE id = $1::bigint AND user_id = $2::bigint"};
constexpr Statement k_list_reservations{
    "list_reservations",
    "SELECT " BOXOFFICE_RESERVATION_COLUMNS("") " FROM reservations WHERE user_id = $1::bigint"
    " AND ($2 = '' OR status = $2) ORDER BY id DESC LIMIT $3::bigint OFFSET $4::bigint"};
constexpr Statement k_count_reservations{
    "count_reservations",
    "SELECT count(*) FROM reservations WHERE user_id = $1::bigint AND ($2 = '' OR status = $2)"};
constexpr Statement k_find_tokens{
    "find_tokens",
    "SELECT t.id, t.user_id, t.token, u.role, coalesce(t.expires_at <= clock_timestamp(), "
    "false)::int"
    " FROM unnest(string_to_array($1, ',')::bigint[]) AS wanted(id)"
    " JOIN personal_access_tokens t ON t.id = wanted.id JOIN users u ON u.id = t.user_id"};

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

std::int64_t offset_of(const Page& page) {
  return (page.page - 1) * page.per_page;
}

}  // namespace

std::optional<Event> find_event(Connection& connection, EventId id) {
  return read_outside(connection, [&]() -> std::optional<Event> {
    const auto rows = execute(connection, k_find_event, {id.value});
    if (rows.empty()) return std::nullopt;
    return event_of(rows.front());
  });
}

Listing<Event> list_events(Connection& connection, const Page& page) {
  return read_outside(connection, [&] {
    Listing<Event> listing;
    for (const Row& row : execute(connection, k_list_events, {page.per_page, offset_of(page)})) {
      listing.rows.push_back(event_of(row));
    }
    listing.total = execute(connection, k_count_events, {}).front().integer(0);
    return listing;
  });
}

std::optional<Reservation> find_reservation(Connection& connection, ReservationId id, UserId user) {
  return read_outside(connection, [&]() -> std::optional<Reservation> {
    const auto rows = execute(connection, k_find_reservation, {id.value, user.value});
    if (rows.empty()) return std::nullopt;
    return reservation_of(rows.front());
  });
}

Listing<Reservation> list_reservations(Connection& connection, UserId user,
                                       std::optional<Status> status, const Page& page) {
  return read_outside(connection, [&] {
    const std::string_view wanted = status ? to_string(*status) : "";
    Listing<Reservation> listing;
    for (const Row& row : execute(connection, k_list_reservations,
                                  {user.value, wanted, page.per_page, offset_of(page)})) {
      listing.rows.push_back(reservation_of(row));
    }
    listing.total =
        execute(connection, k_count_reservations, {user.value, wanted}).front().integer(0);
    return listing;
  });
}

std::vector<Token> find_tokens(Connection& connection, std::span<const TokenId> ids) {
  std::string list;
  for (const TokenId id : ids) list += (list.empty() ? "" : ",") + std::to_string(id.value);
  return read_outside(connection, [&] {
    std::vector<Token> tokens;
    for (const Row& row : execute(connection, k_find_tokens, {list})) {
      tokens.push_back({TokenId{row.integer(0)}, UserId{row.integer(1)}, row.text(2), row.text(3),
                        row.integer(4) != 0});
    }
    return tokens;
  });
}

}  // namespace boxoffice::strategies
