// See exchange.hpp.
#include "properties/linearizability/exchange.hpp"

#include <algorithm>
#include <tuple>

namespace boxoffice::properties::linearizability {

Exchange::Exchange(const EventModel& model) : model_(model), places_(model.steps.size()) {
  // By subject: the first call of those that need it made, and of those that need it ended.
  std::vector<std::int64_t> made_from_ns(model.initial.size(), k_never_ns);
  std::vector<std::int64_t> ended_from_ns(model.initial.size(), k_never_ns);
  const auto earliest = [](std::int64_t& at_ns, std::int64_t call_ns) {
    at_ns = std::min(at_ns, call_ns);
  };
  for (const Step& step : model.steps) {
    for (std::uint32_t i = 0; i < step.members; ++i) {
      const std::uint32_t subject = model.members[step.first_member + i];
      const bool needs_end = (step.needs & (absent | reserved)) == 0 && step.needs != 0;
      if (step.needs != absent) earliest(made_from_ns[subject], step.call_ns);
      if (needs_end) earliest(ended_from_ns[subject], step.call_ns);
    }
  }
  for (std::size_t position = 0; position < places_.size(); ++position) {
    const Step& step = model.steps[position];
    if (!step.counts_version()) continue;
    const auto& needed_from_ns = step.becomes == reserved ? made_from_ns : ended_from_ns;
    for (std::uint32_t i = 0; i < step.members; ++i) {
      earliest(places_[position].needed_from_ns,
               needed_from_ns[model.members[step.first_member + i]]);
    }
  }
  look_at_users();
}

/// A user's reserves exclude each other: one that overlaps another cannot be moved past it, and a
/// close is needed by the reserves that may come after it.
void Exchange::look_at_users() {
  std::vector<Owned> reserves, closes;
  for (std::uint32_t position = 0; position < places_.size(); ++position) {
    const Step& step = model_.steps[position];
    for (std::uint32_t i = 0; step.counts_version() && i < step.members; ++i) {
      const std::uint32_t owner = model_.owner[model_.members[step.first_member + i]];
      if (owner == k_nobody) continue;
      (step.becomes == reserved ? reserves : closes).push_back({owner, position});
    }
  }
  const auto by_owner = [](const Owned& a, const Owned& b) { return a.owner < b.owner; };
  std::stable_sort(reserves.begin(), reserves.end(), by_owner);  // and by call, as steps are
  look_for_overlaps(reserves);
  const auto by_owner_and_return = [&](const Owned& a, const Owned& b) {
    return std::tuple(a.owner, model_.steps[a.position].return_ns) <
           std::tuple(b.owner, model_.steps[b.position].return_ns);
  };
  std::stable_sort(reserves.begin(), reserves.end(), by_owner_and_return);
  std::vector<std::int64_t> first_call_ns(reserves.size());  // of this one and those behind it
  for (std::size_t i = reserves.size(); i-- > 0;) {
    first_call_ns[i] = model_.steps[reserves[i].position].call_ns;
    const bool more = i + 1 < reserves.size() && reserves[i + 1].owner == reserves[i].owner;
    if (more) first_call_ns[i] = std::min(first_call_ns[i], first_call_ns[i + 1]);
  }
  for (const Owned& close : closes) {
    const std::tuple from(close.owner, model_.steps[close.position].call_ns);
    const auto at =
        std::partition_point(reserves.begin(), reserves.end(), [&](const Owned& reserve) {
          return std::tuple(reserve.owner, model_.steps[reserve.position].return_ns) < from;
        });
    if (at == reserves.end() || at->owner != close.owner) continue;
    std::int64_t& needed_from_ns = places_[close.position].needed_from_ns;
    const std::int64_t call_ns = first_call_ns[static_cast<std::size_t>(at - reserves.begin())];
    needed_from_ns = std::min(needed_from_ns, call_ns);
  }
}

/// `reserves` by owner and call.
void Exchange::look_for_overlaps(const std::vector<Owned>& reserves) {
  std::int64_t until_ns = k_ever_ns;  // the latest return of the owner's reserves so far
  for (std::size_t i = 0; i < reserves.size(); ++i) {
    const Step& step = model_.steps[reserves[i].position];
    const bool first = i == 0 || reserves[i - 1].owner != reserves[i].owner;
    const bool last = i + 1 == reserves.size() || reserves[i + 1].owner != reserves[i].owner;
    if (!first && until_ns >= step.call_ns) places_[reserves[i].position].movable = false;
    if (!last && model_.steps[reserves[i + 1].position].call_ns <= step.return_ns) {
      places_[reserves[i].position].movable = false;
    }
    until_ns = first ? step.return_ns : std::max(until_ns, step.return_ns);
  }
}

bool Exchange::makes_needless(std::uint32_t a, std::uint32_t b) const {
  const Step &first = model_.steps[a], &later = model_.steps[b];
  const auto reply = [](const Step& step) {
    return std::tie(step.becomes, step.tickets, step.available, step.version);
  };
  if (std::tie(first.return_ns, a) >= std::tie(later.return_ns, b)) return false;
  if (!first.counts_version() || reply(first) != reply(later)) return false;
  if (!places_[a].movable) return false;
  const std::int64_t needed_from_ns = places_[b].needed_from_ns;
  if (needed_from_ns == k_never_ns) return first.mandatory || !later.mandatory;
  return first.mandatory && needed_from_ns > first.return_ns;
}

}  // namespace boxoffice::properties::linearizability
