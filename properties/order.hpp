// Is there one order of all operations in which every reply is right? Which of the two checks of it
// judges a run: H5, by the event's versions, or H6, by a search.
//
// H5 is quick and needs versions; H6 needs none and may take long. At least one of them judges, and
// whatever H5 has no place for H6 does. docs/decisions/0009, 0024, 0039 say why.
#pragma once

#include "properties/findings.hpp"
#include "properties/run.hpp"

namespace boxoffice::properties {

/// Of the two those that were asked for and make sense; the other is among `not_attempted`.
Judged check_order(const Run&, const JudgeOptions&);

}  // namespace boxoffice::properties
