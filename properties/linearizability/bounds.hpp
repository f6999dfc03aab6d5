// Where the search for an order stops without an answer.
#pragma once

#include <cstdint>
#include <functional>

namespace boxoffice::properties::linearizability {

/// The bound on steps keeps the oracle a pure function, whatever the machine; `give_up` is for a
/// caller that has a clock.
struct Bounds {
  std::int64_t steps_max = 50'000'000;      ///< of all events together
  std::int64_t memo_bytes_max = 512 << 20;  ///< of one event
  std::function<bool()> give_up = {};       ///< asked now and then; true: stop. Empty: never.
};

}  // namespace boxoffice::properties::linearizability
