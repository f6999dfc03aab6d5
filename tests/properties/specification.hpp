// The specification of one event, as a program: is there an execution that explains a run?
//
// An execution is a server that does one thing after another: it answers an operation within that
// operation's interval, or its sweep ends holds whose time is over. It explains a run if it gives
// every reply of the history and ends with the rows of the audit, where there is one. All are
// tried, so that a run should have about ten operations. It knows only the domain (reservations and
// their four states, one hold a user, one reservation a request, the time of holds, one version for
// each change) and nothing of what the oracle looks for: what both agree on, two people would have
// to have misunderstood. It shares with it how a history is written down, and that alone.
//
// What it does not speak of: moments that the database writes (D3, and a hold that is prolonged), a
// purchase's numbers (the API gives none), a capacity that changes, a clock that is set, reads of
// the past, and more than one event.
#pragma once

#include <cstdint>
#include <optional>

#include "properties/audit.hpp"
#include "properties/history.hpp"

namespace boxoffice::properties::specification {

/// Two readings, since the judge is to be right of servers that it knows little of.
enum class Reading {
  /// What our server may do, and nothing else. A run that has such an execution is correct, so that
  /// a judge that calls it a violation is wrong.
  exact,
  /// What the judge excuses, too: what other servers do who break no promise, and what it is known
  /// not to see. A run without even such an execution is wrong, so that a judge that passes it is.
  lenient
};

/// Whether the run has an execution; nothing where `tries_max` states were met before one was
/// found. `audit` null: the rows are not known, and the event begins with no ticket held. Holds of
/// before the run are known by their versions: with rows and without versions there are none.
std::optional<bool> has_execution(const History& history, const Audit* audit, Reading reading,
                                  std::int64_t tries_max);

}  // namespace boxoffice::properties::specification
