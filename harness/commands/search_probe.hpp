// One measurement of a search: what its rate is judged by, and what came of it.
//
// A rate is met where every objective holds of it, no more failed than may, and the verdict is a
// pass. It is missed where the server did not keep up. And it is neither, but invalid, where the
// measurement cannot tell: the generator did not keep up, or what it sent was answered without a
// sale, for the tickets were gone or its users had bought already.
#pragma once

#include <string>
#include <vector>

#include "harness/load/load.hpp"
#include "harness/thresholds.hpp"
#include "properties/verdict.hpp"

namespace boxoffice::harness {

enum class ProbeEnd { met, missed, generator_limited, tickets_ran_out, users_ran_out };

struct Probe {
  double rate_per_s = 0;
  std::int64_t repeat = 1;
  ProbeEnd end = ProbeEnd::missed;
  std::string why = {};  ///< what was missed first, or what was measured
  properties::Outcome verdict = properties::Outcome::unknown;

  /// Its figures say something of the server.
  bool figure_valid() const { return end == ProbeEnd::met || end == ProbeEnd::missed; }
};

/// What every rate of a search is judged by.
struct ProbeTerms {
  std::vector<Threshold> objectives;  ///< upper bounds of response times
  double errors = 0;                  ///< share of the requests that may fail, at most
  load::Mix mix;
};

/// Sets `end` and `why` by the figures; the verdict is another matter.
void judge_figures(const ProbeTerms& terms, const load::LoadResult& result, Probe& probe);

}  // namespace boxoffice::harness
