// The vocabulary of the reservation domain: ids, times, and what a strategy's reply is made of.
//
// No ODB and no HTTP in it. Ids and versions are types, so that a user's id cannot be passed where
// an event's is meant. All times are the database's clock; the application's own clock decides
// nothing (3-domain, pitfall P12).
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace boxoffice::strategies {

template <class Tag>
struct Id {
  std::int64_t value = 0;
  auto operator<=>(const Id&) const = default;
};
using EventId = Id<struct EventTag>;
using UserId = Id<struct UserTag>;
using ReservationId = Id<struct ReservationTag>;
using TokenId = Id<struct TokenTag>;

/// Counts the changes of an event's inventory: reserve, cancel, one batch of expiries, a change of
/// capacity.
struct EventVersion {
  std::int64_t value = 0;
  auto operator<=>(const EventVersion&) const = default;
};

/// UTC, microseconds since the Unix epoch: what both engines store.
using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;

/// Of rows that one statement forgets: few enough for a statement's time, whatever the backlog is.
inline constexpr std::int64_t k_prune_batch = 1000;

enum class Status { reserved, purchased, cancelled, expired };

/// "reserved", ...: the same word in SQL, JSON and reports.
std::string_view to_string(Status status);
/// Throws std::logic_error for a word that the CHECK constraint cannot hold.
Status status_from(std::string_view word);

struct EventNumbers {
  EventId id;
  std::int64_t available_tickets = 0;
  EventVersion version;
};

struct Reservation {
  ReservationId id;
  EventId event_id;
  UserId user_id;
  std::int64_t quantity = 0;
  Status status = Status::reserved;
  Timestamp expires_at;
  std::optional<Timestamp> purchased_at;
  std::string request_id;
  EventVersion event_version;                        ///< the version that its reserve made
  std::optional<EventVersion> closed_event_version;  ///< the one at which its tickets went back
  Timestamp created_at;
  Timestamp updated_at;
};

}  // namespace boxoffice::strategies
