// See fairness.hpp.
#include "harness/fairness.hpp"

#include <unordered_map>

namespace boxoffice::harness {

using properties::Entry;
using properties::EntryType;
using properties::Function;

std::optional<Fairness> fairness_of(const properties::History& history) {
  std::unordered_map<std::int64_t, std::int64_t> holds;    // by user, of those that asked
  std::unordered_map<std::int64_t, std::int64_t> user_of;  // of a process, its operation under way
  for (const Entry& entry : history.entries) {
    if (entry.f != Function::reserve) continue;
    if (entry.type == EntryType::invoke) {
      user_of[entry.process] = entry.in.user_id;
      holds.try_emplace(entry.in.user_id, 0);
    } else if (entry.type == EntryType::ok && entry.out.http == 201) {
      const auto asked = user_of.find(entry.process);
      if (asked != user_of.end()) ++holds[asked->second];
    }
  }
  double sum = 0, squares = 0;
  for (const auto& [user, count] : holds) {
    const auto x = static_cast<double>(count);
    sum += x;
    squares += x * x;
  }
  if (holds.size() < 2 || squares == 0) return std::nullopt;
  const auto users = static_cast<std::int64_t>(holds.size());
  return Fairness{sum * sum / (static_cast<double>(users) * squares), users};
}

}  // namespace boxoffice::harness
