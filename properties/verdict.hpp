// The verdict: what the oracle says of a run, and judge(), the oracle's whole interface.
//
// judge() is a pure function of a history and an audit. Rendering a verdict can never change it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "properties/audit.hpp"
#include "properties/history.hpp"
#include "properties/linearizability/bounds.hpp"

namespace boxoffice::properties {

/// In rising order of precedence when several apply: pass, unknown, invalid, violation.
/// `unknown`: a check could not decide. `invalid`: the run proves nothing (vacuous, or the harness
/// is at fault).
enum class Outcome { pass, unknown, invalid, violation };

/// One broken invariant, with the few operations that contradict each other.
struct Violation {
  std::string invariant;  ///< "H1".."H6", "D1".."D3", "X1".."X7"
  std::string message;    ///< one sentence a person understands, with the numbers in it
  std::int64_t event_id = 0;
  std::vector<std::int64_t>
      operations;  ///< indices of the invocations that contradict each other, few
  std::vector<std::int64_t> reservations;  ///< rows of the audit that take part
  bool operator==(const Violation&) const = default;
};

/// What one invariant did: a check that looked at nothing is not a pass, so it says how much it
/// looked at.
struct Check {
  std::string invariant;
  Outcome outcome = Outcome::pass;
  std::int64_t examined = 0;  ///< operations, rows or events that it compared
  std::string note;           ///< why unknown or invalid; empty otherwise
  bool operator==(const Check&) const = default;
};

/// What was seen to happen, beside what was wanted.
struct Evidence {
  std::int64_t reserves_ok = 0, existing_holds = 0, purchases_ok = 0, cancels_ok = 0, reads_ok = 0;
  std::int64_t sold_out = 0, expired_rows = 0, indeterminate = 0, overlapping_mutators = 0;
  bool operator==(const Evidence&) const = default;
};

struct Verdict {
  Outcome outcome = Outcome::unknown;
  std::vector<Check> checks;
  std::vector<Violation>
      violations;  ///< at most `JudgeOptions::violations_max`, the earliest first
  std::int64_t violations_total = 0;
  Evidence evidence;
  std::vector<std::string>
      missing_evidence;  ///< sentences: what did not happen; makes the run invalid
  /// sentences: the invariants that are not among `checks`, and why ("H6: ..."); others stand in
  std::vector<std::string> not_attempted;
  bool operator==(const Verdict&) const = default;
};

/// When H6 is searched for. `automatic`: where the server gives no versions it is what decides;
/// where it does, H5 decides, and H6 cross-checks histories that are small enough or have no rows;
/// it also judges those of any size in which a reply gave numbers without their version.
enum class Linearizability { automatic, always, never };

struct JudgeOptions {
  std::size_t violations_max = 20;  ///< how many are described; all are counted
  Linearizability linearizability = Linearizability::automatic;
  std::size_t cross_check_operations_max = 20'000;  ///< those that tell something
  linearizability::Bounds search = {};              ///< past them H6 is unknown
};

/// Judges a run. Without an audit, D is not checked, nor X but for X7 and a part of X1; H5 is
/// unknown where versions have gaps, and H6 where something happened that nobody saw. Throws
/// nothing but std::bad_alloc: a malformed history is an H1 failure and makes the verdict invalid.
/// A pure function, as long as `options.search.give_up` is one.
Verdict judge(const History& history, const std::optional<Audit>& audit,
              const JudgeOptions& options = {});

}  // namespace boxoffice::properties
