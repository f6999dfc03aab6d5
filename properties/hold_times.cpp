// See hold_times.hpp.
#include "properties/hold_times.hpp"

#include <algorithm>

#include "properties/json_fields.hpp"

namespace boxoffice::properties {
namespace {

/// How coarsely moments are written, by those that it is shown; 0 where one is fine.
class Coarseness {
 public:
  void take(std::int64_t moment_us) {
    const std::int64_t unit_us = moment_us % 1000 == 0 ? written_to_us(moment_us) : 0;
    unit_us_ = std::min(unit_us_.value_or(unit_us), unit_us);
  }
  std::int64_t unit_us() const { return unit_us_.value_or(0); }

 private:
  std::optional<std::int64_t> unit_us_;
};

}  // namespace

std::int64_t written_to_us(std::int64_t moment_us) {
  std::int64_t unit_us = 1'000'000;
  while (unit_us > 1000 && moment_us % unit_us != 0) unit_us /= 10;
  return unit_us;
}

std::int64_t ends_written_to_ns(const Run& run) {
  constexpr int k_enough = 1000;
  Coarseness of_replies, of_rows;
  int looked_at = 0;
  for (const Operation& operation : run.operations) {
    if (!operation.ok(Function::reserve)) continue;
    if (++looked_at > k_enough) break;
    if (const auto& promise = operation.out().expires_us) of_replies.take(*promise);
  }
  looked_at = 0;
  for (const EventRun& event : run.events) {
    for (const AuditedReservation* row : event.rows) {
      if (++looked_at > k_enough) break;
      of_rows.take(row->expires_us);
    }
  }
  return 1000 * std::max(of_replies.unit_us(), of_rows.unit_us());
}

std::int64_t prolonged_us(const Reservation& reservation, std::int64_t hold_us) {
  constexpr std::int64_t k_second_us = 1'000'000;
  const AuditedReservation* row = reservation.row;
  std::optional<std::int64_t> first, latest;
  if (row) latest = row->expires_us;
  for (const Operation* operation : reservation.operations) {
    const std::optional<std::int64_t>& promise = operation->out().expires_us;
    if (operation->type != EntryType::ok || !promise) continue;
    if (operation->made_reservation() && !first) first = promise;
    latest = std::max(latest, promise);
  }
  if (!first && row) first = row->created_us + hold_us;
  if (!first || !latest || *latest <= *first) return 0;
  // Where one is written in whole seconds, the other may be of the same moment or a second more.
  const bool whole = *first % k_second_us == 0 || *latest % k_second_us == 0;
  return *latest - *first + (whole ? k_second_us : 0);
}

std::int64_t Run::least_hold_ns() const {
  return std::max<std::int64_t>(0, hold_ns() - slack_ns() - written_to_ns);
}

std::int64_t Run::expires_from_ns(const Reservation& reservation) const {
  const std::optional<Effect>& made = reservation.made;
  if (!made || !made->operation || least_hold_ns() == 0) return k_ever_ns;
  return made->call_ns + least_hold_ns();
}

std::int64_t Run::active_until_ns(const Reservation& reservation) const {
  const std::optional<Effect>& made = reservation.made;
  if (!made || made->return_ns == k_never_ns || hold_ns() <= 0) return k_never_ns;
  constexpr std::int64_t k_without_end_us = k_time_ns_max / 4000;  // with the rest still a number
  if (reservation.prolonged_us > k_without_end_us) return k_never_ns;
  return made->return_ns + hold_ns() + slack_ns() + written_to_ns + reservation.prolonged_us * 1000;
}

}  // namespace boxoffice::properties
