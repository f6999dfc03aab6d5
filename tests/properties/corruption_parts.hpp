// What the corruptions are made of: finding an operation, a row or an event of a simulated run, and
// adding an operation to it.
#pragma once

#include <functional>
#include <optional>
#include <random>
#include <vector>

#include "simulator.hpp"

namespace boxoffice::properties::simulation {

using Random = std::mt19937_64;
using Row = AuditedReservation;

/// An operation of the history, to be changed in place.
struct Pair {
  Entry* call = nullptr;
  Entry* reply = nullptr;
  bool is(Function f, EntryType type) const { return reply->f == f && reply->type == type; }
  bool made() const { return is(Function::reserve, EntryType::ok) && reply->out.http == 201; }
  bool mutates() const { return made() || is(Function::cancel, EntryType::ok); }
  std::int64_t version() const { return reply->out.version.value_or(-1); }
};

std::vector<Pair> pairs(Simulated& run);

/// Any of the items that are accepted; null where none is.
template <class Items, class Accept>
auto* choose(Items& items, Random& random, Accept&& accept) {
  std::vector<decltype(&*items.begin())> fitting;
  for (auto& item : items) {
    if (accept(item)) fitting.push_back(&item);
  }
  return fitting.empty() ? nullptr : fitting[random() % fitting.size()];
}

Row* choose_row(Simulated& run, Random& random, const std::function<bool(const Row&)>& accept);
std::optional<Pair> choose_pair(Simulated& run, Random& random,
                                const std::function<bool(const Pair&)>& accept);

/// The row of the reservation that a reply names; null where it has none.
Row* row_of(Simulated& run, const Pair& pair);
AuditedEvent& event_of(Simulated& run, std::int64_t event_id);
/// The event's version when the run began.
std::int64_t first_version(const Simulated& run, std::int64_t event_id);

/// One more operation, after all others, by a process of its own.
void append(Simulated& run, Entry entry, EntryType type, Output out, Error error);
/// The invocation of `f` on a reservation, by its owner.
Entry aimed_at(const Row& row, Function f);

}  // namespace boxoffice::properties::simulation
