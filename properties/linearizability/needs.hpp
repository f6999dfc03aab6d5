// What a reply that names a reservation needs its status to be: the model's half of the API's table
// of codes. The other half, what a success does to the state, is in model.cpp.
#pragma once

#include <cstdint>

#include "properties/linearizability/model.hpp"

namespace boxoffice::properties::linearizability {

/// What the replies and the row say of how a reservation ended.
struct Ends {
  bool purchased = false;
  bool cancelled = false;
  bool maybe_purchased = false;  ///< by an operation of unknown outcome, without a row
  bool maybe_cancelled = false;
};

/// Of a reply 200 to a reserve.
StatusSet needs_of_found(const Reservation& reservation, const Operation& found);

struct RefusalNeeds {
  StatusSet statuses = 0;            ///< 0: any will do
  std::int64_t from_ns = k_ever_ns;  ///< it was not refused earlier
};

/// `audited`: the event's rows are known, and with them all that happened.
RefusalNeeds needs_of_refusal(const Run& run, const Reservation& reservation,
                              const Operation& refusal, const Ends& ends, bool audited);

}  // namespace boxoffice::properties::linearizability
