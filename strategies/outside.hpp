// Runs statements outside a strategy's transaction, translating what the database throws into
// Failure, and once more where the session turned out to be stale. For look-ups, and for what ends
// with its session or is done only once however often it is asked for (a session's lock).
#pragma once

#include <odb/transaction.hxx>

#include "strategies/classify.hpp"
#include "strategies/database.hpp"
#include "strategies/failure.hpp"

namespace boxoffice::strategies {

template <class Read>
auto read_outside(Connection& connection, Read read) {
  for (int tries = 1;; ++tries) {
    try {
      return read();
    } catch (const Failure&) {
      throw;
    } catch (...) {
      const DatabaseError error = classify_current_exception();
      const bool another_may_do =
          error.kind == ErrorKind::connection_lost || error.kind == ErrorKind::read_only;
      if (another_may_do) connection.drop();
      if (!another_may_do || tries == 2) throw Failure(failure_of(error.kind), error.what);
    }
  }
}

}  // namespace boxoffice::strategies
