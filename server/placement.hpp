// Which event a reservation is of, where this server made it lately: a guess for admission only.
//
// A fixed table without locks: a later reservation with the same slot overwrites an earlier one,
// and two threads in one slot may leave a mixed pair behind. Either way a cancel waits in the wrong
// line or in none, and the strategy itself reads the event from the row.
#pragma once

#include <array>
#include <atomic>
#include <memory>

#include "strategies/types.hpp"

namespace boxoffice::server {

class Placement {
 public:
  void remember(strategies::ReservationId reservation, strategies::EventId event) {
    auto& slot = slot_of(reservation);
    slot.reservation.store(reservation.value, std::memory_order_relaxed);
    slot.event.store(event.value, std::memory_order_relaxed);
  }
  /// Id 0 where it is not known.
  strategies::EventId event_of(strategies::ReservationId reservation) const {
    const auto& slot = slot_of(reservation);
    if (slot.reservation.load(std::memory_order_relaxed) != reservation.value) return {};
    return {slot.event.load(std::memory_order_relaxed)};
  }

 private:
  static constexpr std::size_t k_slots = 32'768;
  struct Slot {
    std::atomic<std::int64_t> reservation{0};
    std::atomic<std::int64_t> event{0};
  };
  Slot& slot_of(strategies::ReservationId reservation) const {
    return (*slots_)[static_cast<std::size_t>(reservation.value) % k_slots];
  }

  std::unique_ptr<std::array<Slot, k_slots>> slots_ = std::make_unique<std::array<Slot, k_slots>>();
};

}  // namespace boxoffice::server
