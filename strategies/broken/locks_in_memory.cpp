// The bug: the lock that makes read, check and write back one step is a mutex in the server's
// memory. One instance alone sells correctly, whatever the load; a second one on the same database
// has a mutex of its own, and the two lose each other's updates. No test of one process shows it.
#include <mutex>

#include "strategies/broken/broken.hpp"

namespace boxoffice::strategies::broken {

namespace {

class LocksInMemory : public BrokenCopy {
 public:
  LocksInMemory() : BrokenCopy(make_naive()) {}
  std::string_view name() const override { return "locks_in_memory"; }

  Result<ReserveReply> reserve(Connection& c, const ReserveCommand& command) const override {
    const std::lock_guard lock(mutex_);
    return BrokenCopy::reserve(c, command);
  }
  Result<CancelReply> cancel(Connection& c, const CancelCommand& command) const override {
    const std::lock_guard lock(mutex_);
    return BrokenCopy::cancel(c, command);
  }
  Result<ReleaseReply> release_expired(Connection& c, EventId event) const override {
    const std::lock_guard lock(mutex_);
    return BrokenCopy::release_expired(c, event);
  }

 private:
  mutable std::mutex mutex_;  // held until COMMIT has been answered
};

}  // namespace

std::unique_ptr<Strategy> make_locks_in_memory() {
  return std::make_unique<LocksInMemory>();
}

}  // namespace boxoffice::strategies::broken
