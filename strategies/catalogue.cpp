// See catalogue.hpp. Single statements, each its own transaction on the server: no BEGIN, no
// COMMIT.
#include "strategies/catalogue.hpp"

#include "strategies/outside.hpp"
#include "strategies/rows.hpp"
#include "strategies/statement.hpp"

namespace boxoffice::strategies {

namespace {

// $1 a pattern, which the engine itself lowers as it does the names, $2 a category or '', $3 and $4
// dates, $5 whether only available ones, $6 the order. One statement for all orders: a page of a
// catalogue is small, and each order as a statement of its own would be prepared by every session.
#define BOXOFFICE_FILTER(time)                                                                  \
  " WHERE lower(name) LIKE lower($1) ESCAPE '!' AND ($2 = '' OR category = $2) AND event_date " \
  ">= " time("$3") " AND event_date < " time("$4") " AND available_tickets >= $5"
#define BOXOFFICE_ORDER(column, word)       \
  " CASE WHEN $6 = '" word "' THEN " column \
  " END, CASE"                              \
  " WHEN $6 = '-" word "' THEN " column " END DESC,"
#define BOXOFFICE_PAGE                                                              \
  " ORDER BY" BOXOFFICE_ORDER("event_date", "date") BOXOFFICE_ORDER("name", "name") \
      BOXOFFICE_ORDER("available_tickets",                                          \
                      "available") " CASE WHEN $6 = '-id' THEN id END DESC, id LIMIT $7 OFFSET $8"
constexpr Statement k_list_events{
    "list_events",
    "SELECT " BOXOFFICE_EVENT_PG " FROM events" BOXOFFICE_FILTER(BOXOFFICE_TIME_PG) BOXOFFICE_PAGE,
    "SELECT " BOXOFFICE_EVENT_MY " FROM events" BOXOFFICE_FILTER(BOXOFFICE_TIME_MY) BOXOFFICE_PAGE};
constexpr Statement k_count_events{
    "count_events", "SELECT count(*) FROM events" BOXOFFICE_FILTER(BOXOFFICE_TIME_PG),
    "SELECT count(*) FROM events" BOXOFFICE_FILTER(BOXOFFICE_TIME_MY)};
constexpr Statement k_find_event{"find_event",
                                 "SELECT " BOXOFFICE_EVENT_PG " FROM events WHERE id = $1",
                                 "SELECT " BOXOFFICE_EVENT_MY " FROM events WHERE id = $1"};
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
    "SELECT t.id, t.user_id, t.token, u.role, t.abilities,"
    " coalesce(t.expires_at <= clock_timestamp(), false)::int"
    " FROM unnest(string_to_array($1, ',')::bigint[]) AS wanted(id)"
    " JOIN personal_access_tokens t ON t.id = wanted.id JOIN users u ON u.id = t.user_id",
    "SELECT t.id, t.user_id, t.token, u.role, t.abilities,"
    " coalesce(t.expires_at <= NOW(6), 0)"
    " FROM JSON_TABLE(CONCAT('[', $1, ']'), '$[*]' COLUMNS (id BIGINT PATH '$')) AS wanted"
    " JOIN personal_access_tokens t ON t.id = wanted.id JOIN users u ON u.id = t.user_id"};

// Dates that every engine has, before and after all events.
constexpr Timestamp k_earliest{std::chrono::sys_days{std::chrono::year{1000} / 1 / 1}};
constexpr Timestamp k_latest{std::chrono::sys_days{std::chrono::year{9999} / 12 / 31}};

std::string pattern_of(std::string_view text) {
  std::string pattern = "%";
  for (const char c : text) {
    if (c == '%' || c == '_' || c == '!') pattern += '!';
    pattern += c;
  }
  return pattern + "%";
}

std::string word_of(const EventFilter& filter) {
  constexpr std::string_view k_words[] = {"id", "date", "name", "available"};
  std::string word = filter.descending ? "-" : "";
  return word += k_words[static_cast<std::size_t>(filter.order)];
}

std::vector<Parameter> parameters_of(const EventFilter& filter) {
  return {pattern_of(filter.text), filter.category, to_us(filter.from.value_or(k_earliest)),
          to_us(filter.to.value_or(k_latest)), std::int64_t{filter.available ? 1 : 0}};
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

Listing<Event> list_events(Connection& connection, const EventFilter& filter, const Page& page) {
  return read_outside(connection, [&] {
    Listing<Event> listing;
    auto parameters = parameters_of(filter);
    listing.total = execute(connection, k_count_events, parameters).rows.front().integer(0);
    parameters.emplace_back(word_of(filter));
    parameters.emplace_back(page.per_page);
    parameters.emplace_back(offset_of(page));
    const auto rows = execute(connection, k_list_events, parameters).rows;
    for (const Row& row : rows) listing.rows.push_back(event_of(row));
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
  return read_outside(connection, [&] {
    std::vector<Token> tokens;
    const auto rows = execute(connection, k_find_tokens, {list_of(ids)}).rows;
    for (const Row& row : rows) {
      tokens.push_back({TokenId{row.integer(0)}, UserId{row.integer(1)}, row.text(2), row.text(3),
                        row.text(4), row.integer(5) != 0});
    }
    return tokens;
  });
}

}  // namespace boxoffice::strategies
