// Corruptions of what the database holds: rows and counters. The table at the end is the list.
#include <algorithm>

#include "corruption_parts.hpp"
#include "corruptions.hpp"

namespace boxoffice::properties::simulation {
namespace {

bool drop_row(Simulated& run, Random& random) {
  const auto made = choose_pair(run, random, [](const Pair& p) { return p.made(); });
  if (!made) return false;
  const std::int64_t id = *made->reply->out.reservation_id;
  std::erase_if(run.audit.reservations, [&](const Row& row) { return row.reservation_id == id; });
  return true;
}

/// As if it had never been: the books balance, only the customer knows.
bool lose_acknowledged_reserve(Simulated& run, Random& random) {
  const auto made = choose_pair(run, random, [&](const Pair& p) {
    const Row* row = p.made() ? row_of(run, p) : nullptr;
    return row && row->event_version == event_of(run, row->event_id).version;
  });
  if (!made) return false;
  const Row row = *row_of(run, *made);
  AuditedEvent& event = event_of(run, row.event_id);
  event.available_tickets += row.quantity;
  event.version -= 1;
  event.get_available = event.available_tickets;
  event.get_version = event.version;
  std::erase(run.audit.reservations, row);
  return true;
}

/// A row out of nowhere, in books that balance.
bool phantom_row(Simulated& run, Random& random) {
  AuditedEvent* event = choose(run.audit.events, random,
                               [](const AuditedEvent& e) { return e.available_tickets > 0; });
  if (!event) return false;
  event->available_tickets -= 1;
  event->version += 1;
  event->get_available = event->available_tickets;
  event->get_version = event->version;
  Row row;
  row.reservation_id = 999'999;
  row.event_id = event->event_id;
  row.user_id = 999;
  row.quantity = 1;
  row.request_id = "phantom";
  row.event_version = event->version;
  run.audit.reservations.push_back(row);
  return true;
}

bool duplicate_request(Simulated& run, Random& random) {
  if (run.audit.reservations.size() < 2) return false;
  std::shuffle(run.audit.reservations.begin(), run.audit.reservations.end(), random);
  run.audit.reservations[0].request_id = run.audit.reservations[1].request_id;
  run.audit.reservations[0].user_id = run.audit.reservations[1].user_id;
  return true;
}

/// Not between cancelled and expired: a cancel whose reply was lost may have done either.
bool wrong_status(Simulated& run, Random& random) {
  using enum ReservationStatus;
  Row* row = choose_row(run, random, [](const Row&) { return true; });
  if (!row) return false;
  if (row->status == cancelled || row->status == expired) {
    row->status = random() % 2 == 0 ? reserved : purchased;
  } else {
    row->status = random() % 2 == 0 ? cancelled : expired;
  }
  return true;
}

/// Of a reservation that was made in the run: how those of before it ended is not its matter.
bool purchase_too_late(Simulated& run, Random& random) {
  Row* row = choose_row(run, random, [&](const Row& r) {
    return r.purchased_us && r.event_version > first_version(run, r.event_id);
  });
  if (row) row->purchased_us = row->expires_us;
  return row != nullptr;
}

bool expire_too_early(Simulated& run, Random& random) {
  Row* row = choose_row(run, random, [&](const Row& r) {
    return r.status == ReservationStatus::expired &&
           *r.closed_event_version > first_version(run, r.event_id);
  });
  if (row) row->updated_us = row->expires_us - 1;
  return row != nullptr;
}

bool wrong_final_available(Simulated& run, Random& random) {
  AuditedEvent* event = choose(run.audit.events, random, [](const AuditedEvent&) { return true; });
  event->available_tickets += random() % 2 == 0 ? 1 : -1;
  event->get_available = event->available_tickets;
  return true;
}

bool stale_final_read(Simulated& run, Random& random) {
  choose(run.audit.events, random, [](const AuditedEvent&) { return true; })->get_available = -1;
  return true;
}

bool version_without_change(Simulated& run, Random& random) {
  AuditedEvent* event = choose(run.audit.events, random, [](const AuditedEvent&) { return true; });
  event->version += 1;
  event->get_version = event->version;
  return true;
}

bool row_of_another(Simulated& run, Random& random) {
  const auto made = choose_pair(run, random, [](const Pair& p) { return p.made(); });
  if (!made) return false;
  row_of(run, *made)->user_id += 1000;
  return true;
}

constexpr Corruption k_of_rows[] = {
    {"drop_row", drop_row},
    {"lose_acknowledged_reserve", lose_acknowledged_reserve},
    {"phantom_row", phantom_row},
    {"duplicate_request", duplicate_request},
    {"wrong_status", wrong_status},
    {"purchase_too_late", purchase_too_late},
    {"expire_too_early", expire_too_early},
    {"wrong_final_available", wrong_final_available},
    {"stale_final_read", stale_final_read},
    {"version_without_change", version_without_change},
    {"row_of_another", row_of_another},
};

}  // namespace

std::span<const Corruption> row_corruptions() {
  return k_of_rows;
}

}  // namespace boxoffice::properties::simulation
