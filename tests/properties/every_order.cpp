// See every_order.hpp. It shares the steps with the oracle, but neither its state nor its search.
#include "every_order.hpp"

#include <algorithm>
#include <optional>

namespace boxoffice::properties::linearizability {
namespace {

struct World {
  std::vector<Status> statuses;
  std::int64_t available = 0;
  std::int64_t version = 0;
};

class EveryOrder {
 public:
  EveryOrder(const EventModel& model, std::int64_t tries_max)
      : model_(model), taken_(model.steps.size()), tries_left_(tries_max) {}

  std::optional<bool> run() {
    const bool found = any_from({model_.initial, model_.available, model_.version});
    return tries_left_ <= 0 ? std::nullopt : std::optional(found);
  }

 private:
  bool any_from(const World& world) {
    if (--tries_left_ <= 0) return false;
    bool done = true;
    std::int64_t limit_ns = k_never_ns;
    for (std::size_t i = 0; i < taken_.size(); ++i) {
      if (taken_[i] || !model_.steps[i].mandatory) continue;
      done = false;
      limit_ns = std::min(limit_ns, model_.steps[i].return_ns);
    }
    const bool ended_well =
        model_.end_version == Operation::k_absent || model_.end_version == world.version;
    if (done && ended_well) return true;
    for (std::size_t i = 0; i < taken_.size(); ++i) {
      const Step& step = model_.steps[i];
      if (taken_[i] || step.call_ns > limit_ns) continue;
      World next = world;
      if (!apply(step, next)) continue;
      taken_[i] = true;
      const bool found = any_from(next);
      taken_[i] = false;
      if (found) return true;
    }
    return false;
  }

  bool apply(const Step& step, World& world) const {
    for (std::uint32_t i = 0; i < step.members; ++i) {
      const std::uint32_t subject = model_.members[step.first_member + i];
      if (step.needs != 0 && (step.needs & world.statuses[subject]) == 0) return false;
      if (!step.changes) continue;
      if (step.becomes == reserved && holds_one(world, model_.owner[subject])) return false;
      world.statuses[subject] = step.becomes;
    }
    const bool inventory = step.changes && step.becomes != purchased;
    if (inventory) {
      world.available += step.tickets;
      world.version += 1;
      if (world.available < 0 || world.available > model_.total) return false;
    }
    if (step.refused > 0 && world.available >= step.refused) return false;
    if (step.available != Operation::k_absent && step.available != world.available) return false;
    return step.version == Operation::k_absent || step.version == world.version;
  }

  bool holds_one(const World& world, std::uint32_t user) const {
    if (user == k_nobody) return false;
    for (std::size_t i = 0; i < world.statuses.size(); ++i) {
      if (world.statuses[i] == reserved && model_.owner[i] == user) return true;
    }
    return false;
  }

  const EventModel& model_;
  std::vector<char> taken_;
  std::int64_t tries_left_;
};

}  // namespace

std::optional<bool> some_order_fits(const EventModel& model, std::int64_t tries_max) {
  return EveryOrder(model, tries_max).run();
}

}  // namespace boxoffice::properties::linearizability
