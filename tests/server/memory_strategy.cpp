#include "memory_strategy.hpp"

#include "strategies/database.hpp"

namespace boxoffice::server::test {

using namespace strategies;

Reservation* MemoryStrategy::find(ReservationId id, UserId user) const {
  const auto found = memory_.reservations.find(id.value);
  if (found == memory_.reservations.end() || found->second.user_id != user) return nullptr;
  return &found->second;
}

Result<ReserveReply> MemoryStrategy::reserve(Connection& connection,
                                             const ReserveCommand& command) const {
  ++connection.statistics().attempts;
  if (memory_.before_reserve) memory_.before_reserve();
  const std::lock_guard lock(memory_.mutex);
  const auto found = memory_.events.find(command.event.value);
  if (found == memory_.events.end()) return Refusal{RefusalCode::event_not_found, {}};
  auto& event = found->second;
  for (const auto& [id, hold] : memory_.reservations) {
    const bool own = hold.event_id == command.event && hold.user_id == command.user;
    if (own && hold.status == Status::reserved) return ReserveReply{false, hold, event};
  }
  if (event.available_tickets < command.quantity) return Refusal{RefusalCode::sold_out, event};
  event.available_tickets -= command.quantity;
  ++event.version.value;
  Reservation hold;
  hold.id = {static_cast<std::int64_t>(memory_.reservations.size()) + 1};
  hold.event_id = command.event;
  hold.user_id = command.user;
  hold.quantity = command.quantity;
  hold.request_id = command.request_id;
  hold.event_version = event.version;
  memory_.reservations.emplace(hold.id.value, hold);
  return ReserveReply{true, hold, event};
}

Result<PurchaseReply> MemoryStrategy::purchase(Connection& connection,
                                               const PurchaseCommand& command) const {
  ++connection.statistics().attempts;
  const std::lock_guard lock(memory_.mutex);
  auto* const hold = find(command.reservation, command.user);
  if (hold == nullptr) return Refusal{RefusalCode::reservation_not_found, {}};
  if (hold->status == Status::purchased) return Refusal{RefusalCode::already_purchased, {}};
  if (hold->status != Status::reserved) return Refusal{RefusalCode::reservation_expired, {}};
  hold->status = Status::purchased;
  hold->purchased_at = Timestamp{};
  return PurchaseReply{*hold};
}

Result<CancelReply> MemoryStrategy::cancel(Connection& connection,
                                           const CancelCommand& command) const {
  ++connection.statistics().attempts;
  if (memory_.before_cancel) memory_.before_cancel();
  const std::lock_guard lock(memory_.mutex);
  auto* const hold = find(command.reservation, command.user);
  if (hold == nullptr) return Refusal{RefusalCode::reservation_not_found, {}};
  if (hold->status != Status::reserved) return Refusal{RefusalCode::not_cancellable, {}};
  hold->status = Status::cancelled;
  auto& event = memory_.events.at(hold->event_id.value);
  event.available_tickets += hold->quantity;
  ++event.version.value;
  return CancelReply{*hold, event};
}

Result<ReleaseReply> MemoryStrategy::release_expired(Connection&, EventId id) const {
  const std::lock_guard lock(memory_.mutex);
  ++memory_.releases;
  const auto released = std::exchange(memory_.expired_holds, 0);
  memory_.events.at(id.value).available_tickets += released;
  return ReleaseReply{released, released};
}

}  // namespace boxoffice::server::test
