// Bulk data for trials and demonstrations: events, users and one token each, made inside the
// database.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "strategies/types.hpp"

namespace boxoffice::strategies {

class Database;

struct SeedPlan {
  std::int64_t users = 0;
  std::int64_t events = 0;
  std::int64_t tickets = 100;  ///< per event
  std::int64_t history_rows =
      0;  ///< purchased reservations of one extra past event, so that plans are realistic
  std::string secret;  ///< token plaintexts derive from it; empty: drawn at random
  bool admin = true;   ///< the first user is an administrator
};

/// Adds rows; hands each new token as (user id, `id|plaintext`) to `on_token`, in order of the
/// users' ids. The new events' ids go to `on_event`. Ends with ANALYZE of the tables that have
/// rows. 200,000 users take seconds: every table is one statement.
void seed(const Database&, const SeedPlan&,
          const std::function<void(UserId, std::string)>& on_token,
          const std::function<void(EventId)>& on_event);

}  // namespace boxoffice::strategies
