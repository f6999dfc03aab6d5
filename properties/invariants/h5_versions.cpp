// H5, the version witness: the replies of an event, put in the order of the versions that they
// carry, are a correct sequential run, and that order agrees with real time.
//
// What: three parts, each in its file: every version has exactly one mutator (h5_claims), the model
// replayed along them gives each reply's numbers (h5_replay), and nothing that returned before
// another was called is placed after it (h5_order, with what h5_chains knows of each reservation).
// Why: the server says itself in which order it claims to have worked, so that one pass proves or
// refutes it, where a search without the witness would have to try orders. With an audit, and where
// every reply that has numbers has its version, it is exact: it passes if and only if there is an
// order that the model with versions allows, which is what H6 searches for (a property holds the
// two to that), and a pass implies one of H6 without versions. A lost update, a stale read, a
// ticket released twice all break one of the three. It cannot see a server whose versions lie
// consistently (counted apart from the inventory), and without an audit a gap stays unknown: an
// expiry or an operation without reply may fill it.
#include "properties/invariants/h5_parts.hpp"
#include "properties/invariants/invariants.hpp"

namespace boxoffice::properties {

Findings check_h5_versions(const Run& run) {
  Findings findings("H5");
  if (!run.header->versions) {
    findings.undecided(Outcome::unknown, "the server's replies carry no event versions");
    return findings;
  }
  std::int64_t gaps = 0;
  std::int64_t unplaced = 0;
  VersionGraph::Places places(run);
  for (const EventRun& event : run.events) {
    if (!event.resized.empty()) {
      findings.undecided(Outcome::invalid, event.resized);
      continue;
    }
    const Placement placement = place(run, event);
    findings.examined(
        static_cast<std::int64_t>(placement.mutators.size() + placement.observers.size()));
    const VersionedEvent what{run, event, placement, places};
    gaps += check_claims(what, findings);
    unplaced += placement.unplaced;
    check_replay(what, findings);
    check_order(what, findings);
  }
  if (gaps > 0) {
    findings.undecided(Outcome::unknown,
                       sentence("nobody saw who made ", gaps, " of the versions, and there is no ",
                                "audit to fill them in"));
  }
  if (unplaced > 0) {
    findings.undecided(Outcome::unknown,
                       sentence(unplaced, " acknowledged changes carried no event version"));
  }
  return findings;
}

}  // namespace boxoffice::properties
