// A variant against itself: what the machine's own noise looks like to the statistics.
//
// A twin runs interleaved with the variant that it repeats, and is judged like any pair, but stands
// apart: it is in no cell, in no correction, and no winner has to beat it. Where a self-comparison
// comes out as separated, a difference of that size in the same run means nothing. With a planted
// slowdown the twin is known to be slower, and the question is whether the statistics see it.
#pragma once

#include <string>
#include <vector>

#include "reports/statistics.hpp"

namespace boxoffice::reports {

struct SelfComparison {
  CellKey key;
  std::int64_t number = 1;  ///< of the run's repetitions
  double planted = 0;       ///< the twin's planted slowdown; 0: there should be no difference
  Pair pair;                ///< a is the variant, b its twin

  bool separated() const;
};

/// By cell, variant and number. Rounds 1 to manifest.self_rounds are the first, and so on.
std::vector<SelfComparison> self_comparisons(const Run& run);

/// A sentence a cell: "pessimistic against itself in hot-event, 1 connection: 1.01x
/// [0.98x..1.04x], not separated"; of several, how many came out as separated, and their range.
std::vector<std::string> self_texts(const std::vector<SelfComparison>& comparisons);

}  // namespace boxoffice::reports
