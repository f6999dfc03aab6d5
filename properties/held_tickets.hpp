// How many tickets of an event were held at each moment: at least, and at most. From the history
// alone, without versions and without the database, so that what H2 and H3 say rests on nothing
// else.
//
// At least (`certain`): a hold certainly exists after its reserve returned, until a cancel that may
// have worked was called, or until the hold time after the reserve's call has passed; a purchased
// one for ever. At most (`possible`): it may exist from the call of any reserve that may have made
// it, until the return of an acknowledged cancel. A sweep is invisible here: nothing that expired
// is certainly gone, so `possible` grows weak in runs with much expiry.
#pragma once

#include "properties/run.hpp"
#include "properties/step_function.hpp"

namespace boxoffice::properties {

/// The source of each step is the position of its hold in EventRun::reservations.
struct HeldTickets {
  StepFunction certain, possible;
};
HeldTickets held_tickets(const Run& run, const EventRun& event);

}  // namespace boxoffice::properties
