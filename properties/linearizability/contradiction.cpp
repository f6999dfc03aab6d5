// See contradiction.hpp.
#include "properties/linearizability/contradiction.hpp"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <tuple>
#include <utility>

namespace boxoffice::properties::linearizability {
namespace {

constexpr std::size_t k_named_max = 6;
/// The reduction's searches together take so many steps, each at least as many as it has to copy:
/// it may not cost what deciding did.
constexpr std::int64_t k_steps_max = 2'000'000;

/// The run up to a moment: what returned by then happened, what was under way may have.
EventModel prefix_of(const EventModel& model, std::int64_t until_ns) {
  EventModel prefix = model;
  std::erase_if(prefix.steps, [&](const Step& step) {
    return step.call_ns > until_ns || (!step.changes && step.return_ns > until_ns);
  });
  for (Step& step : prefix.steps) step.mandatory = step.mandatory && step.return_ns <= until_ns;
  if (until_ns != k_never_ns) prefix.end_version = Operation::k_absent;
  return prefix;
}

/// Drops steps without effect from a model that has no order, in halves and ever smaller parts.
class Reduction {
 public:
  Reduction(EventModel model, const Bounds& bounds) : model_(std::move(model)), bounds_(bounds) {}

  EventModel run() {
    for (std::size_t size = effect_free(); size > 0; size /= 2) {
      for (std::size_t first = 0; first < effect_free() && steps_left_ > 0;) {
        if (!drop(first, size)) first += size;
      }
    }
    return std::move(model_);
  }

 private:
  std::size_t effect_free() const {
    return static_cast<std::size_t>(std::count_if(model_.steps.begin(), model_.steps.end(),
                                                  [](const Step& step) { return !step.changes; }));
  }

  /// The effect-free steps [first, first + size), counted among their like.
  bool drop(std::size_t first, std::size_t size) {
    EventModel smaller = model_;
    std::size_t at = 0;
    std::erase_if(smaller.steps, [&](const Step& step) {
      if (step.changes) return false;
      const std::size_t mine = at++;
      return mine >= first && mine < first + size;
    });
    Bounds left = bounds_;
    left.steps_max = std::min(bounds_.steps_max, steps_left_);
    const SearchResult found = search(smaller, left);
    steps_left_ -= found.steps + std::ssize(model_.steps);
    if (found.answer != Answer::violation) return false;
    model_ = std::move(smaller);
    return true;
  }

  EventModel model_;
  const Bounds& bounds_;
  std::int64_t steps_left_ = k_steps_max;
};

/// Counts the changes before the last moment at which nothing acknowledged was under way, and shows
/// the rest. What only looks was kept because it contradicts: that moment lies before all of it.
void settle(Core& core, std::int64_t until_ns) {
  const std::vector<Step>& steps = core.model.steps;
  std::int64_t busy_until_ns = k_ever_ns;
  std::size_t cut = 0;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (steps[i].return_ns > until_ns && i != core.stuck) continue;
    if (steps[i].call_ns > busy_until_ns) cut = i;
    busy_until_ns = std::max(busy_until_ns, steps[i].return_ns);
    if (!steps[i].changes || i == core.stuck) break;
  }
  core.settled_available = core.model.available;
  for (std::uint32_t i = 0; i < steps.size(); ++i) {
    if (i >= cut || !steps[i].mandatory) {
      core.in_flight.push_back(i);
    } else if (steps[i].changes) {
      core.settled_changes += 1;
      core.settled_available += steps[i].tickets;
    }
  }
}

std::string describe_step(const EventModel& model, const Step& step) {
  std::string what = step.operation ? label(step.operation) : "a change that nobody sent";
  if (!step.operation && step.becomes == expired) what = "an expiry";
  if (step.changes && step.tickets != 0) {
    const std::int64_t tickets = step.tickets < 0 ? -step.tickets : step.tickets;
    what += sentence(" of ", tickets, tickets == 1 ? " ticket" : " tickets");
  }
  if (step.members > 0 && (step.purchase() || !step.operation || !step.changes)) {
    what += sentence(" of reservation ", model.reservation_ids[model.members[step.first_member]]);
  }
  std::string said;
  if (step.refused > 0) said = sentence("sold out for ", step.refused);
  if (step.available != Operation::k_absent) {
    said += sentence(said.empty() ? "" : ", ", step.available, " available");
  }
  if (step.version != Operation::k_absent) {
    said += sentence(said.empty() ? "" : ", ", "version ", step.version);
  }
  return said.empty() ? what : what + " (" + said + ")";
}

/// How telling a step is beside the stuck one, the lower the more: it only looks; it touches the
/// same reservation; the numbers of both replies are close, as they are where one change is lost;
/// it had returned, so that it counts for certain.
std::int64_t distance(const EventModel& model, const Step& stuck, const Step& step) {
  if (!step.changes) return -2;
  const bool both = stuck.members > 0 && step.members > 0;
  if (both && model.members[stuck.first_member] == model.members[step.first_member]) return -1;
  constexpr std::int64_t k_far = std::numeric_limits<std::int64_t>::max();
  const bool numbers =
      stuck.available != Operation::k_absent && step.available != Operation::k_absent;
  if (numbers) return std::abs(stuck.available - step.available);
  return step.return_ns < stuck.call_ns ? k_far - 1 : k_far;
}

/// The stuck step, then the others, the most telling and the latest first.
std::vector<std::uint32_t> most_telling(const Core& core) {
  std::vector<std::uint32_t> named = core.in_flight;
  if (named.empty()) return named;
  const std::vector<Step>& steps = core.model.steps;
  const Step& stuck = steps[core.stuck == k_nobody ? named.back() : core.stuck];
  const auto rank = [&](std::uint32_t i) {
    return std::pair(i != core.stuck, distance(core.model, stuck, steps[i]));
  };
  std::stable_sort(named.begin(), named.end(), [&](std::uint32_t a, std::uint32_t b) {
    return rank(a) != rank(b) ? rank(a) < rank(b) : steps[a].call_ns > steps[b].call_ns;
  });
  if (named.size() > k_named_max) named.resize(k_named_max);
  return named;
}

/// Where the step stands in a part of the model.
std::uint32_t position_in(const EventModel& part, const Step& step) {
  for (std::uint32_t i = 0; i < part.steps.size(); ++i) {
    const Step& other = part.steps[i];
    if (std::tie(other.operation, other.first_member, other.changes) ==
        std::tie(step.operation, step.first_member, step.changes)) {
      return i;
    }
  }
  return k_nobody;
}

}  // namespace

Core reduce(const EventModel& model, const SearchResult& found, const Bounds& bounds) {
  Core core;
  core.model = prefix_of(model, found.stuck_ns);
  if (search(core.model, bounds).answer == Answer::violation) {
    core.model = Reduction(std::move(core.model), bounds).run();
    const SearchResult again = search(core.model, bounds);
    core.stuck = again.stuck;
    settle(core, again.stuck_ns);
  } else if (found.stuck != k_nobody) {  // a bound was met: the prefix as it is
    core.stuck = position_in(core.model, model.steps[found.stuck]);
    settle(core, found.stuck_ns);
  }
  return core;
}

Contradiction describe(const Core& core) {
  const EventModel& model = core.model;
  Contradiction what;
  what.message = sentence("no order explains the replies of event ", model.event->id(), ": after ",
                          core.settled_changes, " changes, which left ", core.settled_available,
                          " available, ");
  std::string others;
  for (const std::uint32_t i : most_telling(core)) {
    const Step& step = model.steps[i];
    if (step.operation) what.operations.push_back(step.operation->index());
    for (std::uint32_t m = 0; m < step.members; ++m) {
      const std::int64_t id = model.reservation_ids[model.members[step.first_member + m]];
      const bool hidden = !step.operation || i == core.stuck;
      if (hidden && id != 0) what.reservations.push_back(id);
    }
    if (i == core.stuck) {
      what.message += describe_step(model, step) + " fits nowhere";
    } else {
      others += sentence(others.empty() ? " among " : ", ", describe_step(model, step));
    }
  }
  if (core.stuck == k_nobody) {
    what.message += sentence("all fit, but the database ended at version ", model.end_version);
  }
  what.message += others;
  if (core.in_flight.size() > k_named_max) {
    what.message += sentence(" and ", core.in_flight.size() - k_named_max, " more");
  }
  return what;
}

}  // namespace boxoffice::properties::linearizability
