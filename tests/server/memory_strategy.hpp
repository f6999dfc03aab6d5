// A strategy without a database, so that the server around it can be tested: one map behind a
// mutex.
#pragma once

#include <functional>
#include <map>
#include <mutex>

#include "strategies/strategy.hpp"

namespace boxoffice::server::test {

/// The world that strategies share; a test sets it up and looks at it.
struct Memory {
  std::mutex mutex;
  std::map<std::int64_t, strategies::EventNumbers> events;
  std::map<std::int64_t, strategies::Reservation> reservations;
  std::int64_t expired_holds = 0;        ///< what release_expired gives back, once
  int releases = 0;                      ///< calls of release_expired
  std::function<void()> before_reserve;  ///< may throw or wait
  std::function<void()> before_cancel;   ///< may throw
};

class MemoryStrategy : public strategies::Strategy {
 public:
  explicit MemoryStrategy(Memory& memory) : memory_(memory) {}
  std::string_view name() const override { return "memory"; }
  strategies::Result<strategies::ReserveReply> reserve(
      strategies::Connection&, const strategies::ReserveCommand&) const override;
  strategies::Result<strategies::PurchaseReply> purchase(
      strategies::Connection&, const strategies::PurchaseCommand&) const override;
  strategies::Result<strategies::CancelReply> cancel(
      strategies::Connection&, const strategies::CancelCommand&) const override;
  strategies::Result<strategies::ReleaseReply> release_expired(strategies::Connection&,
                                                               strategies::EventId) const override;

 private:
  strategies::Reservation* find(strategies::ReservationId, strategies::UserId) const;

  Memory& memory_;
};

}  // namespace boxoffice::server::test
