// Evidence: that the run met what it was made to meet. A run in which nothing happened proves
// nothing.
#pragma once

#include <string>
#include <vector>

#include "properties/run.hpp"
#include "properties/verdict.hpp"

namespace boxoffice::properties {

Evidence gather_evidence(const Run& run);

/// A sentence for each thing that the header promises and the run did not meet; empty: all was met.
std::vector<std::string> missing_evidence(const Run& run, const Evidence& evidence);

/// A sentence where somebody else's server was judged and nobody saw a hold end by its time: what
/// it does then is not known. Empty otherwise.
std::string unseen_expiry(const Run& run);

/// A sentence where more than half of the operations failed in ways that say nothing (the server
/// was away, say): a pass is of the others. Empty otherwise.
std::string mostly_unanswered(const Run& run);

}  // namespace boxoffice::properties
