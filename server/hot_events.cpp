// See hot_events.hpp. A score is an integer with room below the point, so that halving it says
// something of a single attempt for a while.
#include "server/hot_events.hpp"

#include <algorithm>

namespace boxoffice::server {
namespace {

constexpr std::uint64_t k_attempt = 1 << 10;
constexpr int k_halvings_max = 63;

void update(HotEvents::Entry& entry, const strategies::EventNumbers& event) {
  entry.most_available = std::max(entry.most_available, event.available_tickets);
  if (event.version >= entry.event.version) entry.event = event;
}

}  // namespace

AttemptOutcome outcome_of(ProblemCode problem) {
  if (problem == ProblemCode::sold_out) return AttemptOutcome::sold_out;
  const bool later = problem == ProblemCode::overloaded || problem == ProblemCode::shutting_down;
  return later || kind_of(problem).status < 500 ? AttemptOutcome::refused : AttemptOutcome::failed;
}

void HotEvents::count(strategies::EventId event, AttemptOutcome outcome,
                      const std::optional<strategies::EventNumbers>& now_known,
                      Clock::time_point now) {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock) return;
  cool(now);
  Entry* entry = find(event);
  if (entry == nullptr && !now_known) return;
  if (entry == nullptr) entry = &take_place(*now_known);
  entry->score += k_attempt;
  ++entry->by_outcome[static_cast<std::size_t>(outcome)];
  if (now_known) update(*entry, *now_known);
}

void HotEvents::learn(const strategies::EventNumbers& event,
                      std::optional<std::int64_t> total_tickets) {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  Entry* const entry = lock ? find(event.id) : nullptr;
  if (entry == nullptr) return;
  update(*entry, event);
  if (total_tickets) entry->total_tickets = total_tickets;
}

std::vector<HotEvents::Entry> HotEvents::hottest(std::size_t count_max, Clock::time_point now) {
  std::vector<Entry> hot;
  {
    const std::lock_guard lock(mutex_);
    cool(now);
    std::copy_if(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(used_),
                 std::back_inserter(hot), [](const Entry& entry) { return entry.score > 0; });
  }
  std::ranges::sort(hot, std::greater(), &Entry::score);
  if (hot.size() > count_max) hot.resize(count_max);
  return hot;
}

HotEvents::Entry* HotEvents::find(strategies::EventId event) {
  const auto end = ids_.begin() + static_cast<std::ptrdiff_t>(used_);
  const auto found = std::find(ids_.begin(), end, event.value);
  return found == end ? nullptr : &entries_[static_cast<std::size_t>(found - ids_.begin())];
}

HotEvents::Entry& HotEvents::take_place(const strategies::EventNumbers& event) {
  std::size_t place = used_;
  if (used_ < k_events_max) {
    ++used_;
  } else {
    const auto least = std::ranges::min_element(entries_, {}, &Entry::score);
    place = static_cast<std::size_t>(least - entries_.begin());
  }
  ids_[place] = event.id.value;
  const std::uint64_t inherited = entries_[place].score;
  entries_[place] = {.event = event,
                     .most_available = event.available_tickets,
                     .total_tickets = {},
                     .by_outcome = {},
                     .score = inherited};
  return entries_[place];
}

void HotEvents::cool(Clock::time_point now) {
  if (cooled_ == Clock::time_point{}) cooled_ = now;
  const auto halvings = (now - cooled_) / k_half_life;
  if (halvings <= 0) return;
  cooled_ += halvings * k_half_life;
  const auto by = std::min<std::int64_t>(halvings, k_halvings_max);
  for (Entry& entry : entries_) entry.score >>= by;
}

}  // namespace boxoffice::server
