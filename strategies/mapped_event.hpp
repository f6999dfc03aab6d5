// An event's whole row, read and locked through ODB's mapping.
//
// What a strategy does to an event it does in statements of its own, whose round trips are counted
// and compared (docs/decisions/0038). Whoever edits an event wants the row as it is, every column
// of it, and is in no hurry: a BEGIN of its own costs nobody anything there.
#pragma once

#include <cstdint>
#include <optional>

#include "strategies/catalogue.hpp"
#include "strategies/transaction.hpp"

namespace boxoffice::strategies {

/// `for_update`: against everybody, until the transaction ends; a reservation that is being made
/// holds its event, too.
enum class RowLock : std::uint8_t { none, for_update };

/// Nothing where there is no such event. Throws odb::exception.
std::optional<Event> load_event(Transaction&, EventId, RowLock);

}  // namespace boxoffice::strategies
