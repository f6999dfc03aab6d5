// See fairness.hpp.
#include "harness/fairness.hpp"

#include <algorithm>
#include <unordered_map>

namespace boxoffice::harness {
namespace {

using properties::Entry;
using properties::EntryType;
using properties::Function;
using properties::History;

struct User {
  std::int64_t asked_ns = 0;  ///< first
  std::int64_t holds = 0;
  bool answered = false;  ///< the last time
};

/// A hold, one's own old one, or that there is none; a 503 or no reply at all is no answer.
bool is_answer(const Entry& completion) {
  if (completion.type == EntryType::ok) return true;
  return completion.type == EntryType::fail && completion.error.http >= 400 &&
         completion.error.http < 500 && completion.error.http != 429;
}

std::unordered_map<std::int64_t, User> users_of(const History& history) {
  std::unordered_map<std::int64_t, User> users;
  std::unordered_map<std::int64_t, std::int64_t> user_of;  // of a process, its operation under way
  for (const Entry& entry : history.entries) {
    if (entry.f != Function::reserve) continue;
    if (entry.type == EntryType::invoke) {
      user_of[entry.process] = entry.in.user_id;
      users.try_emplace(entry.in.user_id, User{.asked_ns = entry.t_ns}).first->second.answered =
          false;
      continue;
    }
    const auto asked = user_of.find(entry.process);
    if (asked == user_of.end()) continue;
    User& user = users[asked->second];
    user.answered = is_answer(entry);
    if (entry.type == EntryType::ok && entry.out.http == 201) ++user.holds;
  }
  return users;
}

}  // namespace

std::optional<Fairness> fairness_of(const History& history) {
  if (history.entries.empty()) return std::nullopt;
  const auto [first, last] = std::ranges::minmax_element(history.entries, {}, &Entry::t_ns);
  const std::int64_t middle_ns = first->t_ns + (last->t_ns - first->t_ns) / 2;
  double sum = 0, squares = 0;
  std::int64_t counted = 0;
  for (const auto& [id, user] : users_of(history)) {
    if (user.holds == 0 && !user.answered && user.asked_ns > middle_ns) continue;
    const auto x = static_cast<double>(user.holds);
    ++counted;
    sum += x;
    squares += x * x;
  }
  if (counted < 2 || squares == 0) return std::nullopt;
  return Fairness{sum * sum / (static_cast<double>(counted) * squares), counted};
}

}  // namespace boxoffice::harness
