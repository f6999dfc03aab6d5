// What a gate cannot answer, and has to say: runs that are no basis for it, cells that no threshold
// asks about, and settings in which the two runs differ. See gate.hpp.
#pragma once

#include <string>
#include <vector>

#include "reports/gate.hpp"

namespace boxoffice::reports {

/// A sentence for each reason why nothing that is measured here may be decided upon: one of the
/// runs was interrupted, broke off, was left unfinished, or its harness failed. What such a run
/// lacks is not what its server lacks.
std::vector<std::string> why_no_basis(const Run& base, const Run& run);

/// Cells of either run that no row is about, by variant and reason.
std::vector<GateGap> gaps_of(const Run& base, const Run& run,
                             const std::vector<GateThreshold>& thresholds,
                             const std::vector<GateRow>& rows);

/// "PostgreSQL 15.18, durability full, storage disk, read committed; commit 0303bc1, Release
/// build".
std::string conditions_of(const Manifest& manifest);

/// A sentence for each setting in which the runs differ: of the machine, of the database, of the
/// trials that make a pair (threads, pool, isolation, hold, warm-up, duration, admission), and of
/// what the scenarios of the same name ask for; one where the database alone, which no change of
/// the program touches, was not as fast; and what either run warns of itself.
std::vector<std::string> differences_of(const Run& base, const Run& run);

}  // namespace boxoffice::reports
