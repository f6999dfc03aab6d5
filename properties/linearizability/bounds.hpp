// Where the search for an order stops without an answer.
#pragma once

#include <cstdint>
#include <functional>

namespace boxoffice::properties::linearizability {

/// The bound on steps is the deadline: counted in steps and not in seconds, so that the oracle is a
/// pure function and a verdict the same on every machine. The harness sets no other; `give_up` is
/// for a caller that has a clock all the same.
struct Bounds {
  std::int64_t steps_max = 50'000'000;      ///< of all events together
  std::int64_t memo_bytes_max = 512 << 20;  ///< of one event
  std::function<bool()> give_up = {};       ///< asked now and then; true: stop. Empty: never.
};

}  // namespace boxoffice::properties::linearizability
