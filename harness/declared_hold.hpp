// Whether a server that others configured holds reservations for as long as --hold says.
//
// The oracle takes that time from whoever runs the harness, and bounds by it when each hold ended:
// a wrong one would accuse a sound server, or excuse a broken one. So it is held against what the
// run saw: against the rows where they were read, else against what the replies promise.
#pragma once

#include <filesystem>
#include <string>

#include "harness/wall_clock.hpp"
#include "properties/audit.hpp"
#include "properties/history.hpp"

namespace boxoffice::harness {

/// Of no sentence where most reservations of the run were held so long, or where nobody said until
/// when. Else what makes the run invalid, and by how much less is known of when holds ended. By its
/// row a hold may differ by a second; by a reply, whose moments are of the server's clock and
/// compared with this machine's, by ten. `audit` null: there is none. `wall_offset_ns`: wall clock
/// less monotonic clock.
properties::Breakage contradicted_hold(const properties::History& history,
                                       const properties::Audit* audit, std::int64_t wall_offset_ns);

/// Once a load has ended and its audit, where there is one, is stored: notes in the trial
/// (keep_breakage) what keeps the ends of holds from being judged, the clock that was set or a hold
/// that is not the header's. Returns its sentence, empty where there is none.
std::string note_unknown_ends(const std::filesystem::path& trial, const WallClock& wall_clock);

}  // namespace boxoffice::harness
