// The bug: once an event was sold out, the answer is kept for a fifth of a second to spare the
// database. Tickets that come back meanwhile are refused to people who could have had them.
#include <chrono>
#include <map>
#include <mutex>

#include "strategies/broken/broken.hpp"
#include "strategies/steps.hpp"

namespace boxoffice::strategies::broken {

namespace {

constexpr std::chrono::milliseconds k_kept{200};

// What the last "sold out" of each event said, and until when that is repeated.
class SoldOutCache {
 public:
  std::optional<EventNumbers> find(EventId event) {
    const std::lock_guard lock(mutex_);
    const auto found = kept_.find(event.value);
    if (found == kept_.end() || found->second.until < std::chrono::steady_clock::now()) return {};
    return found->second.numbers;
  }
  void keep(const EventNumbers& numbers) {
    const std::lock_guard lock(mutex_);
    kept_[numbers.id.value] = {numbers, std::chrono::steady_clock::now() + k_kept};
  }

 private:
  struct Kept {
    EventNumbers numbers;
    std::chrono::steady_clock::time_point until;
  };
  std::mutex mutex_;
  std::map<std::int64_t, Kept> kept_;
};

class StaleAvailability : public BrokenCopy {
 public:
  StaleAvailability() : BrokenCopy(make_pessimistic()) {}
  std::string_view name() const override { return "stale_availability"; }

  Result<ReserveReply> reserve(Connection& connection,
                               const ReserveCommand& command) const override {
    if (const auto numbers = cache_.find(command.event))
      return Refusal{RefusalCode::sold_out, numbers};
    auto result = BrokenCopy::reserve(connection, command);
    if (result.has_error() && result.error().code == RefusalCode::sold_out && result.error().event)
      cache_.keep(*result.error().event);
    return result;
  }

 private:
  mutable SoldOutCache cache_;
};

}  // namespace

std::unique_ptr<Strategy> make_stale_availability() {
  return std::make_unique<StaleAvailability>();
}

}  // namespace boxoffice::strategies::broken
