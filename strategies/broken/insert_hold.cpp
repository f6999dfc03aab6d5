// A hold inserted in a round trip of its own. No sound strategy does that any more; see broken.hpp.
#include "strategies/broken/broken.hpp"
#include "strategies/steps.hpp"

namespace boxoffice::strategies::broken {

Reservation insert_hold(Transaction& transaction, const ReserveCommand& command,
                        EventVersion made_at, Timestamp now) {
  Reservation hold = new_hold(command, made_at, now);
  hold.id.value = execute_all(transaction, {call_insert_hold(hold)}).front().made;
  return hold;
}

}  // namespace boxoffice::strategies::broken
