// H5, first part: the versions from the first to the last of an event have exactly one mutator
// each.
//
// Two mutators of one version: each read the same state and wrote over the other, one update is
// lost. None: the inventory changed and no operation did it, or the rows forgot. Where there is no
// audit the expiries and the operations without reply are missing, so a gap only makes the verdict
// unknown.
#include <algorithm>

#include "properties/invariants/h5_parts.hpp"

namespace boxoffice::properties {
namespace {

std::int64_t at_ns(const Mutator& mutator) {
  return mutator.call_ns == k_ever_ns ? k_never_ns : mutator.call_ns;
}

Contradiction twice(const EventRun& event, const Mutator& a, const Mutator& b) {
  return {sentence(describe(a), " and ", describe(b), " both made version ", a.version,
                   " of event ", event.id(), ": one update was lost"),
          indices({a.operation, b.operation}),
          {a.reservation->reservation_id, b.reservation->reservation_id}};
}

void check_range(const VersionedEvent& what, const Mutator& mutator, Findings& findings) {
  if (mutator.version > what.first() && mutator.version <= what.last()) return;
  const EventRun& event = what.event;
  findings.violation(event.id(), at_ns(mutator), [&] {
    const std::string end = mutator.version <= what.first()
                                ? sentence("had version ", what.first(), " before the run")
                                : sentence("ended at version ", what.last());
    return Contradiction{sentence(describe(mutator), " made version ", mutator.version,
                                  " of event ", event.id(), ", which ", end),
                         indices({mutator.operation}),
                         {mutator.reservation->reservation_id}};
  });
}

/// Versions from..to have no mutator; `before`, `after` made those around them, where there are
/// any.
void gap(const VersionedEvent& what, std::int64_t from, std::int64_t to, const Mutator* before,
         const Mutator* after, Findings& findings) {
  const EventRun& event = what.event;
  const Mutator* near = after ? after : before;
  findings.violation(event.id(), after ? at_ns(*after) : k_never_ns, [&] {
    const std::string which =
        from == to ? sentence("version ", from) : sentence("versions ", from, " to ", to);
    Contradiction found;
    found.message = sentence("nobody made ", which, " of event ", event.id());
    if (near) {
      found.message += sentence(near == after ? ", before " : ", after ", describe(*near),
                                " (version ", near->version, ")");
    }
    found.operations =
        indices({before ? before->operation : nullptr, after ? after->operation : nullptr});
    return found;
  });
}

void went_back(const VersionedEvent& what, Findings& findings) {
  findings.violation(what.event.id(), k_never_ns, [&] {
    return Contradiction{sentence("event ", what.event.id(), " began at version ", what.first(),
                                  " and ended at version ", what.last()),
                         {},
                         {}};
  });
}

}  // namespace

std::int64_t check_claims(const VersionedEvent& what, Findings& findings) {
  const std::vector<Mutator>& mutators = what.placement.mutators;
  std::int64_t missing = 0;
  std::int64_t reached = what.first();
  const Mutator* before = nullptr;
  const auto reach = [&](std::int64_t version, const Mutator* mutator) {
    if (version > reached + 1) {
      if (what.event.end) gap(what, reached + 1, version - 1, before, mutator, findings);
      missing += version - reached - 1;
    }
  };
  for (const Mutator& mutator : mutators) {
    check_range(what, mutator, findings);
    if (mutator.version <= what.first() || mutator.version > what.last()) continue;
    if (before && before->version == mutator.version) {
      findings.violation(what.event.id(), std::max(at_ns(*before), at_ns(mutator)),
                         [&] { return twice(what.event, *before, mutator); });
      continue;
    }
    reach(mutator.version, &mutator);
    reached = mutator.version;
    before = &mutator;
  }
  if (what.event.end) {
    reach(what.last() + 1, nullptr);
    if (what.last() < what.first()) went_back(what, findings);
  } else if (!what.placement.observers.empty()) {
    reach(what.placement.observers.back().version + 1, nullptr);
  }
  return what.event.end ? 0 : missing;
}

}  // namespace boxoffice::properties
