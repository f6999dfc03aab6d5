// What came back, and what it means: the one table that turns a reply or a transport failure into
// an entry's type (did it happen?) and an outcome (why not?).
//
// The rule that everything rests on: an operation is a failure only where nothing can have
// happened; a success only where the reply said so completely. All else is `info`: it may or may
// not have happened. Source of the table: docs on the history (Jepsen's ok, fail, info).
#pragma once

#include <string_view>

#include "harness/load/outcome.hpp"
#include "harness/load/reply.hpp"
#include "properties/history.hpp"

namespace boxoffice::load {

/// How the exchange itself went wrong; `code` is empty where a whole reply came.
struct TransportFailure {
  std::string_view code;   ///< "connection_refused", "timeout", "connection_reset", ...
  std::string_view phase;  ///< "connect", "send", "receive", "parse"
  /// The request may have begun to leave. False proves that the server knows nothing of it.
  bool sent = false;
};

struct Classified {
  properties::EntryType type = properties::EntryType::info;
  Outcome outcome = Outcome::indeterminate;
  properties::Error error;  ///< empty for ok
};

/// A read has no effect, so that a failed one is never in doubt: it is `fail` and an `error`, and
/// the oracle drops it. One that was answered from a cache or a replica (`aged`) succeeded, as far
/// as the load goes, but saw the past, of which nobody knows which: the history keeps it as `fail`
/// with the code "aged_reply", so that it accuses nobody and proves nothing.
Classified classify(properties::Function asked, const TransportFailure& failure,
                    const Reply& reply);

}  // namespace boxoffice::load
