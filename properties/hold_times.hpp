// How long holds last, by what moments say of it: the promises of replies, and the rows.
//
// All of these moments are of the database's clock, so that they are compared with each other only.
// Against the harness's clock a hold lasts the header's hold time, give or take the slack, what the
// machine's clock was set by meanwhile, and how coarsely its end is written: a server that cuts off
// the fraction of a second ends holds up to a second early, one that rounds up as much too late.
#pragma once

#include <cstdint>

#include "properties/run.hpp"

namespace boxoffice::properties {

/// How far a moment may lie from what it was written for: it may have fewer digits than the clock,
/// down to whole seconds, and a millisecond is nobody's. By the zeros at its end.
std::int64_t written_to_us(std::int64_t moment_us);

/// How coarsely the run's holds have their ends written: the coarser of the replies and the rows.
/// The first thousand of each tell; one with microseconds among them, and it is 0.
std::int64_t ends_written_to_ns(const Run& run);

/// By how much the latest promise of when the hold ends is later than the first: the one of the
/// reply that made it, or what the row's making gave it where none did. O(its operations).
std::int64_t prolonged_us(const Reservation& reservation, std::int64_t hold_us);

}  // namespace boxoffice::properties
