// What a search ends with: its measurements, the rate that was found, and what both are worth.
//
// A rate is shown as an answer only where every measurement passed and was valid: what is reached
// by overselling, or by a generator that did not send what it should have, answers nothing. Nor
// does a search that was interrupted know the highest rate, and one that was met at --to is a lower
// bound. The measurements themselves are always shown, each with what it ended with.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/commands/search_probe.hpp"
#include "harness/rate_search.hpp"

namespace boxoffice::harness {

/// Names and values, in the order in which they are said.
using Conditions = std::vector<std::pair<std::string, std::string>>;

struct SearchResult {
  Conditions conditions;  ///< what every figure stands beside: database, durability, strategy, ...
  std::vector<std::string> objectives;
  std::vector<Probe> probes;
  FoundRate found;
  double least_per_s = 1;     ///< no lower rate was to be tried
  bool judged = true;         ///< false: plain GETs, which have no verdict
  bool clients_view = false;  ///< nobody read the server's database
  bool interrupted = false;
  bool broke_off = false;
  bool harness_failed = false;  ///< by a bug, or for want of memory

  /// The worst verdict of the measurements; pass where there is none.
  properties::Outcome verdict() const;
  /// Some measurement ended so.
  bool any(ProbeEnd end) const;
  /// Every measurement passed and was valid.
  bool worthy() const;
  /// Whether `found` may be shown as an answer: of a search that ended by itself.
  bool is_answer() const;
};

/// Adds the measurement, and tells the search what it needs to know of it. One that is invalid or
/// did not pass ends the search: no rate can be an answer any more.
void note_probe(const Probe& probe, SearchResult& result, RateSearch& search);

/// "met", "missed", "invalid", or the verdict where it is not a pass.
std::string_view word_of(const Probe& probe, bool judged);

/// As in failure.hpp.
int exit_code(const SearchResult& result);

/// search.json (docs/run-directory.md).
std::string result_json(const SearchResult& result);

/// The measurements, the answer or why there is none, and the verdict; lines for a terminal.
std::string result_text(const SearchResult& result);

}  // namespace boxoffice::harness
