// H5, second part: the model, replayed along the versions, gives the numbers of every reply.
//
// The availability after a version is that of the version before, less what its reserve took or
// plus what came back. Its mutator's reply and all observers of the version must say the same; it
// stays within [0, capacity]; and a sold_out asked for more than there was. Where a mutator's reply
// disagrees, the replay goes on from the reply, so that one lost ticket is one breach and not one
// at every later version; after a gap it goes on from the next number that anybody saw.
#include <optional>

#include "properties/invariants/h5_parts.hpp"

namespace boxoffice::properties {
namespace {

class Replay {
 public:
  Replay(const VersionedEvent& what, Findings& findings)
      : what_(what),
        findings_(findings),
        version_(what.first()),
        available_(what.event.start->available_tickets) {}

  void step(const Mutator& mutator) {
    if (mutator.version == version_ || mutator.version <= what_.first()) return;
    const std::optional<std::int64_t> before = available_;
    if (mutator.version != version_ + 1) available_.reset();
    if (mutator.tickets <= 0) available_.reset();
    if (available_) *available_ += mutator.delta();
    if (available_ && mutator.available && *available_ != *mutator.available) {
      mismatch(mutator, *before);
    }
    if (mutator.available) available_ = mutator.available;
    const std::int64_t total = what_.event.start->total_tickets;
    const bool within = !available_ || (*available_ >= 0 && *available_ <= total);
    if (!within && within_) out_of_range(mutator);
    within_ = within;
    version_ = mutator.version;
    last_ = &mutator;
  }

  void observe(const Observer& observer) {
    if (out_of_order(observer)) return;
    if (observer.version != version_) {
      version_ = observer.version;
      available_.reset();
      last_ = nullptr;
    }
    const Operation& operation = *observer.operation;
    const std::optional<std::int64_t> seen = operation.available();
    if (!available_) available_ = seen;
    if (!available_) return;
    if (seen && *seen != *available_) {
      violation(&operation, [&] {
        return sentence(label(&operation), " saw ", *seen, " available tickets at version ",
                        version_, " of event ", what_.event.id(), made_by(), ", which had ",
                        *available_);
      });
    } else if (operation.sold_out && *available_ >= operation.tickets) {
      violation(&operation, [&] {
        return sentence(label(&operation), " was told that event ", what_.event.id(),
                        " is sold out for ", operation.tickets, " tickets at version ", version_,
                        made_by(), ", which had ", *available_);
      });
    }
  }

 private:
  /// Versions before the run, or after its end, nobody can have seen.
  bool out_of_order(const Observer& observer) {
    if (observer.version >= what_.first() && observer.version <= what_.last()) return false;
    violation(observer.operation, [&] {
      return sentence(label(observer.operation), " saw version ", observer.version, " of event ",
                      what_.event.id(), ", which went from ", what_.first(), " to ", what_.last());
    });
    return true;
  }

  void mismatch(const Mutator& mutator, std::int64_t before) {
    violation(mutator.operation, [&] {
      return sentence(describe(mutator), " says that it left ", *mutator.available,
                      " available at version ", mutator.version, " of event ", what_.event.id(),
                      ", but version ", version_, made_by(), " had left ", before);
    });
  }

  void out_of_range(const Mutator& mutator) {
    violation(mutator.operation, [&] {
      return sentence(describe(mutator), " left ", *available_, " of ",
                      what_.event.start->total_tickets, " tickets available at version ",
                      mutator.version, " of event ", what_.event.id());
    });
  }

  std::string made_by() const { return last_ ? sentence(" (", describe(*last_), ")") : ""; }

  template <class Message>
  void violation(const Operation* operation, Message&& message) {
    findings_.violation(what_.event.id(), complete_ns({operation}), [&] {
      return Contradiction{message(), indices({operation, last_ ? last_->operation : nullptr}), {}};
    });
  }

  const VersionedEvent& what_;
  Findings& findings_;
  std::int64_t version_;
  std::optional<std::int64_t> available_;
  const Mutator* last_ = nullptr;
  bool within_ = true;
};

}  // namespace

void check_replay(const VersionedEvent& what, Findings& findings) {
  Replay replay(what, findings);
  auto mutator = what.placement.mutators.begin();
  for (const Observer& observer : what.placement.observers) {
    while (mutator != what.placement.mutators.end() && mutator->version <= observer.version) {
      replay.step(*mutator++);
    }
    replay.observe(observer);
  }
  while (mutator != what.placement.mutators.end()) replay.step(*mutator++);
}

}  // namespace boxoffice::properties
