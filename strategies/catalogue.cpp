// See catalogue.hpp. Single statements, each its own transaction on the server: no BEGIN, no
// COMMIT.
#include "strategies/catalogue.hpp"

#include "strategies/outside.hpp"
#include "strategies/rows.hpp"
#include "strategies/statement.hpp"

namespace boxoffice::strategies {

namespace {

#define BOXOFFICE_EVENT(us, price)                                                     \
  "id, name, description, total_tickets, available_tickets, " price ", currency, " us( \
      "event_date") ", category, version, revision, " us("created_at") ", " us("updated_at")
#define BOXOFFICE_EVENT_PG BOXOFFICE_EVENT(BOXOFFICE_US_PG, "price::text")
#define BOXOFFICE_EVENT_MY BOXOFFICE_EVENT(BOXOFFICE_US_MY, "price")

constexpr Statement k_find_event{"find_event",
                                 "SELECT " BOXOFFICE_EVENT_PG " FROM events WHERE id = $1",
                                 "SELECT " BOXOFFICE_EVENT_MY " FROM events WHERE id = $1"};
constexpr Statement k_list_events{
    "list_events", "SELECT " BOXOFFICE_EVENT_PG " FROM events ORDER BY id LIMIT $1 OFFSET $2",
    "SELECT " BOXOFFICE_EVENT_MY " FROM events ORDER BY id LIMIT $1 OFFSET $2"};
constexpr Statement k_count_events = portable("count_events", "SELECT count(*) FROM events");
constexpr Statement k_find_reservation{
    "find_reservation",
    "SELECT " BOXOFFICE_RESERVATION_PG("") " FROM reservations WHERE id = $1 AND user_id = $2",
    "SELECT " BOXOFFICE_RESERVATION_MY("") " FROM reservations WHERE id = $1 AND user_id = $2"};
constexpr Statement k_list_reservations{
    "list_reservations",
    "SELECT " BOXOFFICE_RESERVATION_PG("") " FROM reservations WHERE user_id = $1"
    " AND ($2 = '' OR status = $2) ORDER BY id DESC LIMIT $3 OFFSET $4",
    "SELECT " BOXOFFICE_RESERVATION_MY("") " FROM reservations WHERE user_id = $1"
    " AND ($2 = '' OR status = $2) ORDER BY id DESC LIMIT $3 OFFSET $4"};
constexpr Statement k_count_reservations =
    portable("count_reservations",
             "SELECT count(*) FROM reservations WHERE user_id = $1 AND ($2 = '' OR status = $2)");
// $1: the ids, separated by commas.
constexpr Statement k_find_tokens{
    "find_tokens",
    "SELECT t.id, t.user_id, t.token, u.role,"
    " coalesce(t.expires_at <= clock_timestamp(), false)::int"
    " FROM unnest(string_to_array($1, ',')::bigint[]) AS wanted(id)"
    " JOIN personal_access_tokens t ON t.id = wanted.id JOIN users u ON u.id = t.user_id",
    "SELECT t.id, t.user_id, t.token, u.role, coalesce(t.expires_at <= NOW(6), 0)"
    " FROM JSON_TABLE(CONCAT('[', $1, ']'), '$[*]' COLUMNS (id BIGINT PATH '$')) AS wanted"
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
    const auto row = execute(connection, k_find_event, {id.value}).first();
    if (!row) return std::nullopt;
    return event_of(*row);
  });
}

Listing<Event> list_events(Connection& connection, const Page& page) {
  return read_outside(connection, [&] {
    Listing<Event> listing;
    const auto rows = execute(connection, k_list_events, {page.per_page, offset_of(page)}).rows;
    for (const Row& row : rows) {
      listing.rows.push_back(event_of(row));
    }
    listing.total = execute(connection, k_count_events, {}).rows.front().integer(0);
    return listing;
  });
}

std::optional<Reservation> find_reservation(Connection& connection, ReservationId id, UserId user) {
  return read_outside(connection, [&]() -> std::optional<Reservation> {
    const auto row = execute(connection, k_find_reservation, {id.value, user.value}).first();
    if (!row) return std::nullopt;
    return reservation_of(*row);
  });
}

Listing<Reservation> list_reservations(Connection& connection, UserId user,
                                       std::optional<Status> status, const Page& page) {
  return read_outside(connection, [&] {
    const std::string_view wanted = status ? to_string(*status) : "";
    Listing<Reservation> listing;
    const auto rows = execute(connection, k_list_reservations,
                              {user.value, wanted, page.per_page, offset_of(page)})
                          .rows;
    for (const Row& row : rows) {
      listing.rows.push_back(reservation_of(row));
    }
    listing.total =
        execute(connection, k_count_reservations, {user.value, wanted}).rows.front().integer(0);
    return listing;
  });
}

std::vector<Token> find_tokens(Connection& connection, std::span<const TokenId> ids) {
  std::string list;
  for (const TokenId id : ids) list += (list.empty() ? "" : ",") + std::to_string(id.value);
  return read_outside(connection, [&] {
    std::vector<Token> tokens;
    const auto rows = execute(connection, k_find_tokens, {list}).rows;
    for (const Row& row : rows) {
      tokens.push_back({TokenId{row.integer(0)}, UserId{row.integer(1)}, row.text(2), row.text(3),
                        row.integer(4) != 0});
    }
    return tokens;
  });
}

}  // namespace boxoffice::strategies
