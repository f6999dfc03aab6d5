// The audit trail: triggers in the harness's own database that write down each change of an event
// or a reservation, for invariant D2. In the database and not in the server, so that no bug of the
// server can leave a change out.
//
// A trigger's row is written while the changed row is locked, and commits or rolls back with it:
// the sequence numbers of one row's changes rise in the order in which they happened. It costs a
// second row for each, so figures are never taken with it.
#pragma once

#include "harness/database/sql.hpp"
#include "properties/audit.hpp"

namespace boxoffice::harness {

/// Makes the trail's tables and triggers; the schema must be there. Nothing, or the sentence that
/// says why there is none: then nothing is left of it (a server with a binary log lets only an
/// administrator make triggers).
std::optional<std::string> install_trail(Sql& sql);

/// Forgets what was written so far. Throws SqlError.
void clear_trail(Sql& sql);

/// The changes of these events ("1,2,3"), in order. Nothing where no trail is installed. Throws
/// SqlError.
std::optional<properties::Trail> read_trail(Sql& sql, const std::string& event_ids);

}  // namespace boxoffice::harness
