// What the server reads beside the strategies: events, reservations, tokens. Each function is one
// statement on the given connection outside a transaction, and throws Failure where the database is
// away.
#pragma once

#include <span>
#include <vector>

#include "strategies/strategy.hpp"

namespace boxoffice::strategies {

struct Event {
  EventId id;
  std::string name;
  std::string description;
  std::int64_t total_tickets = 0;
  std::int64_t available_tickets = 0;
  std::string price;     ///< decimal text with two places
  std::string currency;  ///< ISO 4217
  Timestamp event_date;
  std::string category;
  EventVersion version;
  std::int64_t revision = 0;
  Timestamp created_at;
  Timestamp updated_at;
};

struct Page {
  std::int64_t page = 1;       ///< from 1
  std::int64_t per_page = 20;  ///< 1..100
};

template <class Row>
struct Listing {
  std::vector<Row> rows;
  std::int64_t total = 0;  ///< over all pages
};

enum class EventOrder { id, date, name, available };

/// Which events; what is absent restricts nothing.
struct EventFilter {
  std::string text = {};      ///< somewhere in the name, upper and lower case alike
  std::string category = {};  ///< exactly
  std::optional<Timestamp> from = {};
  std::optional<Timestamp> to = {};  ///< event_date in [from, to)
  bool available = false;            ///< with at least one ticket
  EventOrder order = EventOrder::id;
  bool descending = false;
};

std::optional<Event> find_event(Connection&, EventId);
/// In the filter's order, then by id.
Listing<Event> list_events(Connection&, const EventFilter&, const Page&);
/// Only where it belongs to the user.
std::optional<Reservation> find_reservation(Connection&, ReservationId, UserId);
/// The user's own, newest first; of one status where given.
Listing<Reservation> list_reservations(Connection&, UserId, std::optional<Status>, const Page&);

struct Token {
  TokenId id;
  UserId user_id;
  std::string sha256_hex;  ///< of the plaintext part of `id|plaintext`
  std::string role;        ///< of its user: "user" or "admin"
  std::string abilities;   ///< a JSON array of what it may do: ["*"], ["reservations:read"]
  bool expired = false;    ///< by the database's clock
};

/// The tokens of these ids that exist; one statement for all, so that waiting look-ups can be
/// gathered.
std::vector<Token> find_tokens(Connection&, std::span<const TokenId>);

}  // namespace boxoffice::strategies
