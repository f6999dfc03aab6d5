// Corruptions of the audit trail: what the clients saw and the rows at the end stay as they are,
// only the way there was another. The table at the end is the list.
#include <algorithm>

#include "corruption_parts.hpp"
#include "corruptions.hpp"

namespace boxoffice::properties::simulation {
namespace {

using RowChanges = std::vector<ReservationChange>;
using EventChanges = std::vector<EventChange>;

template <class Item>
void erase(std::vector<Item>& items, const Item* item) {
  items.erase(items.begin() + (item - items.data()));
}

/// The place of a change, so that others may be put behind it.
template <class Item, class Accept>
std::optional<std::ptrdiff_t> choose_place(std::vector<Item>& items, Random& random,
                                           Accept&& accept) {
  const Item* chosen = choose(items, random, accept);
  return chosen ? std::optional(chosen - items.data()) : std::nullopt;
}

bool is_closing(const ReservationChange& change) {
  return change.status_before && change.status_after != change.status_before;
}

bool lose_a_reservation_change(Simulated& run, Random& random) {
  RowChanges& changes = run.audit.trail->reservations;
  const auto* change = choose(changes, random, [](const auto&) { return true; });
  if (change) erase(changes, change);
  return change != nullptr;
}

bool lose_an_event_change(Simulated& run, Random& random) {
  EventChanges& changes = run.audit.trail->events;
  const auto* change = choose(changes, random, [](const auto&) { return true; });
  if (change) erase(changes, change);
  return change != nullptr;
}

/// Open again, and closed again as it was: at the end nothing is to be seen of it.
bool resurrect_and_close_again(Simulated& run, Random& random) {
  RowChanges& changes = run.audit.trail->reservations;
  const auto place = choose_place(changes, random, is_closing);
  if (!place) return false;
  const ReservationChange closed = changes[static_cast<std::size_t>(*place)];
  ReservationChange opened = closed;
  opened.status_before = closed.status_after;
  opened.status_after = ReservationStatus::reserved;
  opened.closed_event_version.reset();
  changes.insert(changes.begin() + *place + 1, {opened, closed});
  return true;
}

bool close_twice(Simulated& run, Random& random) {
  RowChanges& changes = run.audit.trail->reservations;
  const auto place = choose_place(changes, random, is_closing);
  if (!place) return false;
  ReservationChange again = changes[static_cast<std::size_t>(*place)];
  again.status_before = again.status_after;
  changes.insert(changes.begin() + *place + 1, again);
  return true;
}

bool delete_and_insert_again(Simulated& run, Random& random) {
  RowChanges& changes = run.audit.trail->reservations;
  const auto place = choose_place(changes, random, [](const auto& c) { return !c.status_before; });
  if (!place) return false;
  const ReservationChange made = changes[static_cast<std::size_t>(*place)];
  ReservationChange deleted = made;
  deleted.status_before = made.status_after;
  deleted.status_after.reset();
  changes.insert(changes.begin() + *place + 1, {deleted, made});
  return true;
}

bool reassign(Simulated& run, Random& random) {
  auto* change =
      choose(run.audit.trail->reservations, random, [](const auto& c) { return c.status_before; });
  if (change) change->reassigned = true;
  return change != nullptr;
}

bool begin_purchased(Simulated& run, Random& random) {
  auto* change =
      choose(run.audit.trail->reservations, random, [](const auto& c) { return !c.status_before; });
  if (change) change->status_after = ReservationStatus::purchased;
  return change != nullptr;
}

bool another_quantity(Simulated& run, Random& random) {
  auto* change =
      choose(run.audit.trail->reservations, random, [](const auto& c) { return !c.status_before; });
  if (change) change->quantity += 1;
  return change != nullptr;
}

/// Two transactions that cancel each other, between two others.
bool detour_of_the_counter(Simulated& run, Random& random) {
  EventChanges& changes = run.audit.trail->events;
  const auto place = choose_place(changes, random, [](const auto&) { return true; });
  if (!place) return false;
  EventChange there = changes[static_cast<std::size_t>(*place)];
  there.writer += 1'000'000;
  there.total_before = there.total_after;
  there.available_before = there.available_after++;
  there.version_before = there.version_after++;
  EventChange back = there;
  back.writer += 1'000'000;
  std::swap(back.available_before, back.available_after);
  std::swap(back.version_before, back.version_after);
  changes.insert(changes.begin() + *place + 1, {there, back});
  return true;
}

/// The same at one version, as if it had not happened.
bool detour_without_a_version(Simulated& run, Random& random) {
  if (!detour_of_the_counter(run, random)) return false;
  EventChanges& changes = run.audit.trail->events;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    EventChange& change = changes[i];
    if (change.writer >= 2'000'000) change.version_before = change.version_after;
    if (change.writer < 1'000'000 || change.writer >= 2'000'000) continue;
    change.version_after = change.version_before;
  }
  return true;
}

/// Two changes as one: the counter arrives where it should, two versions further.
bool merge_two_changes(Simulated& run, Random& random) {
  EventChanges& changes = run.audit.trail->events;
  const auto next_of = [&](const EventChange& change) {
    const auto after = changes.begin() + (&change - changes.data()) + 1;
    return std::find_if(after, changes.end(),
                        [&](const auto& later) { return later.event_id == change.event_id; });
  };
  const auto place =
      choose_place(changes, random, [&](const auto& c) { return next_of(c) != changes.end(); });
  if (!place) return false;
  const EventChange first = changes[static_cast<std::size_t>(*place)];
  EventChange& second = *next_of(changes[static_cast<std::size_t>(*place)]);
  second.available_before = first.available_before;
  second.version_before = first.version_before;
  changes.erase(changes.begin() + *place);
  return true;
}

constexpr Corruption k_of_the_trail[] = {
    {"lose_a_reservation_change", lose_a_reservation_change},
    {"lose_an_event_change", lose_an_event_change},
    {"resurrect_and_close_again", resurrect_and_close_again},
    {"close_twice", close_twice},
    {"delete_and_insert_again", delete_and_insert_again},
    {"reassign", reassign},
    {"begin_purchased", begin_purchased},
    {"another_quantity", another_quantity},
    {"detour_of_the_counter", detour_of_the_counter},
    {"detour_without_a_version", detour_without_a_version},
    {"merge_two_changes", merge_two_changes},
};

}  // namespace

std::span<const Corruption> trail_corruptions() {
  return k_of_the_trail;
}

}  // namespace boxoffice::properties::simulation
