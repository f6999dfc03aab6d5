// Placement: the replies of one event by the event version that they carry.
//
// Every change of an event's inventory is one step of its version, so a version names its mutator:
// the reserve, the cancel or the batch of expiries that made it. What replies acknowledge is taken
// from them; what nobody saw (expiries, operations without a reply) from the rows. Observers are
// all other replies with a version: they come after its mutator and before the next. Nothing is
// judged here: two mutators of one version, or none, are for H5 to find.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "properties/run.hpp"

namespace boxoffice::properties {

enum class Change { reserve, cancel, expiry };

struct Mutator {
  std::int64_t version = 0;
  Change change = Change::reserve;
  /// that did it, or may have; of an expiry the reserve whose hold time it had to wait for
  const Operation* operation = nullptr;
  const Reservation* reservation = nullptr;  ///< of a batch its first
  std::int64_t tickets = 0;                  ///< that went or came back
  std::int64_t call_ns = k_ever_ns;
  std::int64_t return_ns = k_never_ns;
  std::optional<std::int64_t> available;  ///< what its reply said was left

  std::int64_t delta() const { return change == Change::reserve ? -tickets : tickets; }
};

struct Observer {
  std::int64_t version = 0;
  const Operation* operation = nullptr;
};

struct Placement {
  std::vector<Mutator> mutators;    ///< by version
  std::vector<Observer> observers;  ///< by version
  std::int64_t unplaced = 0;        ///< acknowledged changes whose version nobody knows
};

Placement place(const Run& run, const EventRun& event);

/// "reserve #12 of 2 tickets", "the expiry of 3 tickets (reservation 7)".
std::string describe(const Mutator& mutator);

}  // namespace boxoffice::properties
