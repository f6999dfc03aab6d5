// See identity_check.hpp.
#include "server/identity_check.hpp"

#include <algorithm>

#include "server/log.hpp"
#include "strategies/failure.hpp"

namespace boxoffice::server {
namespace {

constexpr int k_share = 100;  // one part of so many
// A look that failed took all its time, and the next waits a hundred times as long: so it takes few
// of them to a single event.
constexpr std::int64_t k_fewer = 32;

void log_break(const strategies::IdentityBreak& broken) {
  log::write(log::Level::error, "Identity broken", [&](JsonWriter& json) {
    json.field("event_id", broken.event.value);
    json.field("total_tickets", broken.total_tickets);
    json.field("available_tickets", broken.available_tickets);
    json.field("taken_tickets", broken.taken_tickets);
  });
}

}  // namespace

void IdentityCheck::look(strategies::Connection& connection) {
  const auto begin = Clock::now();
  if (begin < not_before_) return;
  strategies::IdentityRange range;
  try {
    range = questions_.range(connection, after_, events_a_look_);
    look_at(connection, range);
    events_a_look_ = std::min(2 * events_a_look_, k_events_a_look_max);
  } catch (const std::exception& error) {
    failed_.add();
    log::write(log::Level::warn, "Identity check failed", [&](JsonWriter& json) {
      if (range.events == 1) json.field("event_id", range.last.value);
      json.field("what", error.what());
    });
    const auto* const failure = dynamic_cast<const strategies::Failure*>(&error);
    if (failure && failure->code() == strategies::FailureCode::lock_timeout) narrow(range);
  }
  const auto end = Clock::now();
  not_before_ = end + k_share * (end - begin);
}

void IdentityCheck::look_at(strategies::Connection& connection,
                            const strategies::IdentityRange& range) {
  std::vector<strategies::IdentityBreak> breaks;
  if (range.events > 0) breaks = questions_.breaks(connection, after_, range.last);
  const bool at_end = range.events < events_a_look_;
  const auto behind = at_end ? broken_.end() : broken_.upper_bound(range.last);
  for (const auto& broken : breaks) {
    if (!broken_.contains(broken.event)) log_break(broken);
  }
  broken_.erase(broken_.upper_bound(after_), behind);
  for (const auto& broken : breaks) broken_.insert(broken.event);
  broken_count_ = std::ssize(broken_);
  events_checked_.add(range.events);
  after_ = at_end ? strategies::EventId{} : range.last;
}

/// After a look at `range` that took too long. What a passed-over event was found to be it stays.
void IdentityCheck::narrow(const strategies::IdentityRange& range) {
  if (range.events == 1) {
    after_ = range.last;
  } else {
    events_a_look_ = std::max<std::int64_t>(1, events_a_look_ / k_fewer);
  }
}

}  // namespace boxoffice::server
