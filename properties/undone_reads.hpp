// Reads that told of what a crash of the database undid.
//
// InnoDB shows a commit to others as soon as it is made in memory, and writes its log after that:
// whoever reads in between sees a state that a crash takes back. Nobody was told that the commit
// succeeded, so nothing is lost, and no locking of the server's could keep such a read from it
// (docs/decisions/0031). PostgreSQL shows a commit only once it is durable: there such a read is a
// violation, and stays one.
//
// How far the state was durable is known from the acknowledged changes: their log was written, and
// that of all before them. What a read before or during the fault says beyond the last of them
// proves nothing and accuses nobody. The same goes for the event's numbers in a reply that found
// the user's own hold: they may be of somebody else's commit, though the hold itself is durable.
#pragma once

#include <cstdint>
#include <vector>

#include "properties/operations.hpp"

namespace boxoffice::properties {

/// Takes the numbers of such replies out of `operations`, and returns how many there were; none
/// where the header does not say `early_visibility`. What a reply says of a reservation stays.
std::int64_t set_aside_undone_reads(const History& history, std::vector<Operation>& operations);

}  // namespace boxoffice::properties
