// See state.hpp.
#include "properties/linearizability/state.hpp"

namespace boxoffice::properties::linearizability {

State::State(const EventModel& model)
    : model_(model),
      subjects_(model.initial.size()),
      holds_(model.users),
      available_(model.available),
      version_(model.version) {
  for (std::size_t i = 0; i < subjects_.size(); ++i) {
    subjects_[i].status = model.initial[i];
    if (model.initial[i] == reserved && model.owner[i] != k_nobody) ++holds_[model.owner[i]];
  }
  for (const Step& step : model.steps) count_observer(step, 1);
}

/// `change` is 1 or, modulo 2^32, minus 1.
void State::count_observer(const Step& step, std::uint32_t change) {
  if (step.changes || !step.mandatory || step.needs == 0) return;
  Subject& subject = subjects_[model_.members[step.first_member]];
  if (step.needs == absent) subject.absent_observers += change;
  if (step.needs == reserved) subject.reserved_observers += change;
}

bool State::subjects_fit(const Step& step) const {
  for (std::uint32_t i = 0; i < step.members; ++i) {
    const std::uint32_t member = model_.members[step.first_member + i];
    const Subject& subject = subjects_[member];
    if ((subject.status & step.needs) == 0 && step.needs != 0) return false;
    if (!step.changes) continue;
    if (step.becomes == reserved) {
      const std::uint32_t owner = model_.owner[member];
      if (subject.absent_observers > 0 || (owner != k_nobody && holds_[owner] > 0)) return false;
    } else if (subject.reserved_observers > 0) {
      return false;
    }
  }
  return true;
}

bool State::fits(const Step& step) const {
  if (!subjects_fit(step)) return false;
  const std::int64_t available = available_ + step.tickets;
  if (available < 0 || available > model_.total) {
    if (step.counts_version()) return false;
  }
  if (step.refused > 0 && available >= step.refused) return false;
  if (step.available != Operation::k_absent && step.available != available) return false;
  const std::int64_t version = version_ + (step.counts_version() ? 1 : 0);
  return step.version == Operation::k_absent || step.version == version;
}

void State::change_status(const Step& step, Status to) {
  for (std::uint32_t i = 0; i < step.members; ++i) {
    const std::uint32_t member = model_.members[step.first_member + i];
    const std::uint32_t owner = model_.owner[member];
    if (owner != k_nobody) {
      holds_[owner] += to == reserved ? 1U : 0U;
      holds_[owner] -= subjects_[member].status == reserved ? 1U : 0U;
    }
    subjects_[member].status = to;
  }
}

void State::take(const Step& step) {
  if (!step.changes) return count_observer(step, static_cast<std::uint32_t>(-1));
  change_status(step, step.becomes);
  available_ += step.tickets;
  version_ += step.counts_version() ? 1 : 0;
}

void State::undo(const Step& step) {
  if (!step.changes) return count_observer(step, 1);
  change_status(step, step.becomes == reserved ? absent : reserved);
  available_ -= step.tickets;
  version_ -= step.counts_version() ? 1 : 0;
}

}  // namespace boxoffice::properties::linearizability
