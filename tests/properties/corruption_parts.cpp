// See corruption_parts.hpp.
#include "corruption_parts.hpp"

#include <map>
#include <utility>

namespace boxoffice::properties::simulation {

std::vector<Pair> pairs(Simulated& run) {
  std::map<std::int64_t, Entry*> open;
  std::vector<Pair> result;
  for (Entry& entry : run.history.entries) {
    if (entry.type == EntryType::invoke) {
      open[entry.process] = &entry;
    } else {
      result.push_back({open[entry.process], &entry});
    }
  }
  return result;
}

Row* choose_row(Simulated& run, Random& random, const std::function<bool(const Row&)>& accept) {
  return choose(run.audit.reservations, random, accept);
}

std::optional<Pair> choose_pair(Simulated& run, Random& random,
                                const std::function<bool(const Pair&)>& accept) {
  std::vector<Pair> all = pairs(run);
  const Pair* chosen = choose(all, random, accept);
  return chosen ? std::optional(*chosen) : std::nullopt;
}

Row* row_of(Simulated& run, const Pair& pair) {
  for (Row& row : run.audit.reservations) {
    if (row.reservation_id == pair.reply->out.reservation_id) return &row;
  }
  return nullptr;
}

AuditedEvent& event_of(Simulated& run, std::int64_t event_id) {
  for (AuditedEvent& event : run.audit.events) {
    if (event.event_id == event_id) return event;
  }
  return run.audit.events.at(0);
}

std::int64_t first_version(const Simulated& run, std::int64_t event_id) {
  for (const EventCapacity& event : run.history.header.events) {
    if (event.event_id == event_id) return event.version;
  }
  return 0;
}

void append(Simulated& run, Entry entry, EntryType type, Output out, Error error) {
  const Entry last = run.history.entries.back();
  entry.index = last.index + 1;
  entry.t_ns = last.t_ns + 1'000;
  entry.process = 1'000'000;
  entry.type = EntryType::invoke;
  run.history.entries.push_back(entry);
  entry.index += 1;
  entry.t_ns += 1'000;
  entry.type = type;
  entry.out = out;
  entry.error = std::move(error);
  run.history.entries.push_back(entry);
}

Entry aimed_at(const Row& row, Function f) {
  Entry entry;
  entry.f = f;
  entry.event_id = row.event_id;
  entry.in.user_id = row.user_id;
  entry.in.reservation_id = row.reservation_id;
  return entry;
}

}  // namespace boxoffice::properties::simulation
