// See identity_check.hpp.
#include "server/identity_check.hpp"

#include "server/log.hpp"
#include "strategies/identity.hpp"

namespace boxoffice::server {
namespace {

constexpr std::int64_t k_events_a_look = 500;
constexpr int k_share = 100;  // one part of so many

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
  try {
    look_now(connection);
  } catch (const std::exception& error) {
    failed_.add();
    log::write(log::Level::warn, "Identity check failed",
               [&](JsonWriter& json) { json.field("what", error.what()); });
  }
  const auto end = Clock::now();
  not_before_ = end + k_share * (end - begin);
}

void IdentityCheck::look_now(strategies::Connection& connection) {
  const auto look = strategies::check_identity(connection, after_, k_events_a_look);
  const bool at_end = look.events < k_events_a_look;
  const auto behind = at_end ? broken_.end() : broken_.upper_bound(look.last);
  for (const auto& broken : look.breaks) {
    if (!broken_.contains(broken.event)) log_break(broken);
  }
  broken_.erase(broken_.upper_bound(after_), behind);
  for (const auto& broken : look.breaks) broken_.insert(broken.event);
  broken_count_ = std::ssize(broken_);
  events_checked_.add(look.events);
  after_ = at_end ? strategies::EventId{} : look.last;
}

}  // namespace boxoffice::server
