// See exchange.hpp.
#include "properties/linearizability/exchange.hpp"

#include <algorithm>
#include <tuple>

namespace boxoffice::properties::linearizability {

Exchange::Exchange(const EventModel& model) : model_(model), places_(model.steps.size()) {
  const std::vector<Asked> asked = look_at_reservations();
  for (std::size_t position = 0; position < places_.size(); ++position) {
    const Step& step = model.steps[position];
    if (!step.counts_version()) continue;
    Place& place = places_[position];
    place.stands_in = stands_in(step, asked);
    for (std::uint32_t i = 0; i < step.members; ++i) {
      const Asked& subject = asked[model.members[step.first_member + i]];
      const std::int64_t needed_from_ns =
          step.becomes == reserved ? subject.made_from_ns : subject.ended_from_ns;
      place.needed_from_ns = std::min(place.needed_from_ns, needed_from_ns);
    }
  }
  look_at_users();
}

/// By subject.
std::vector<Exchange::Asked> Exchange::look_at_reservations() const {
  std::vector<Asked> asked(model_.initial.size());
  for (const Step& step : model_.steps) {
    const bool numbers = std::tie(step.available, step.version) !=
                         std::tuple(Operation::k_absent, Operation::k_absent);
    const bool needs_end = (step.needs & (absent | reserved)) == 0 && step.needs != 0;
    for (std::uint32_t i = 0; i < step.members; ++i) {
      Asked& subject = asked[model_.members[step.first_member + i]];
      if (step.needs != absent) {
        subject.made_from_ns = std::min(subject.made_from_ns, step.call_ns);
      }
      if (needs_end) subject.ended_from_ns = std::min(subject.ended_from_ns, step.call_ns);
      // (What a mandatory reply needs absent or reserved holds the change back: state.hpp.)
      const bool held_back = step.needs == absent || step.needs == reserved;
      if (!step.changes && step.needs != 0 && !held_back) subject.ends &= step.needs;
      if (step.purchase()) ++subject.purchases;
      const bool closes = step.counts_version() && step.becomes != reserved;
      if (closes && (step.mandatory || numbers)) ++subject.closes_that_count;
    }
  }
  return asked;
}

/// Whether a step that need not happen may do so in place of one that is like it, in an order that
/// has the other and not this one. A reserve may (a user's are looked at by `movable`), and so may
/// a close of what nothing else in the order does anything with: another close of the same hold
/// that need not happen either is left out for it.
bool Exchange::stands_in(const Step& step, const std::vector<Asked>& asked) const {
  if (step.mandatory || step.becomes == reserved) return true;
  for (std::uint32_t i = 0; i < step.members; ++i) {
    const Asked& subject = asked[model_.members[step.first_member + i]];
    if (subject.purchases > 0 || subject.closes_that_count > 0) return false;
    if ((subject.ends & step.becomes) == 0) return false;
  }
  return true;
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
  if (needed_from_ns == k_never_ns) {
    return first.mandatory || (!later.mandatory && places_[a].stands_in);
  }
  return first.mandatory && needed_from_ns > first.return_ns;
}

}  // namespace boxoffice::properties::linearizability
