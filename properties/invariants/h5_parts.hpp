// The parts of H5, each in a file of its own; h5_versions.cpp puts them together.
#pragma once

#include <cstdint>
#include <vector>

#include "properties/findings.hpp"
#include "properties/placement.hpp"
#include "properties/run.hpp"
#include "properties/version_graph.hpp"

namespace boxoffice::properties {

/// What H5 looks at, of one event.
struct VersionedEvent {
  const Run& run;
  const EventRun& event;
  const Placement& placement;
  VersionGraph::Places& places;

  std::int64_t first() const { return event.start->version; }
  /// No version lies beyond it: the one the database ended at; without it there is no bound.
  std::int64_t last() const { return event.end ? event.end->version : k_never_ns; }
};

/// Each version has exactly one mutator. Returns how many have none where nobody can tell.
std::int64_t check_claims(const VersionedEvent& what, Findings& findings);

/// The availability after each version is what its mutator's reply and its observers say.
void check_replay(const VersionedEvent& what, Findings& findings);

/// Places in the graph what carries no version, by what happened to each reservation and each
/// user's holds; what has no place at all is a violation.
void add_chains(const VersionedEvent& what, VersionGraph& graph, Findings& findings);

/// The order of the versions agrees with real time and with the chain of each reservation.
void check_order(const VersionedEvent& what, Findings& findings);

}  // namespace boxoffice::properties
