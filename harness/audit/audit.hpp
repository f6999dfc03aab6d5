// The audit: what the database holds once the server is quiet, read by SQL on the harness's own
// connection, and what a last GET says beside it.
#pragma once

#include <string>
#include <vector>

#include "harness/database/sql.hpp"
#include "harness/load/plan.hpp"
#include "harness/units.hpp"
#include "properties/audit.hpp"

namespace boxoffice::harness {

/// Throws EnvironmentBroke for a word that is no status.
properties::ReservationStatus status_of(const std::string& word);

/// What keeps this account from seeing the transactions of the server's sessions, with the GRANT
/// that is missing; empty where nothing does. One that sees none waits for nothing, and would read
/// rows that are still to change. Throws SqlError.
std::string why_blind(Sql& sql);

/// Waits until no session of the server has a transaction open. Throws EnvironmentBroke after
/// `bound`.
void wait_until_quiet(Sql& sql, Duration bound);

/// Reads the run's events and their reservations in one snapshot, and asks the server for each
/// event. Where the sweep changes an event between the two it asks again, so that GET and SQL speak
/// of one state. Of several instances what stands in the audit is what one says that contradicts
/// the rows, where one does. `targets` may be empty: then no GET is sent. Throws SqlError,
/// EnvironmentBroke.
properties::Audit read_audit(Sql& sql, const std::vector<std::string>& targets,
                             const std::vector<std::int64_t>& events);

/// The same of a plan's target and events, asked as its adapter says.
properties::Audit read_audit(Sql& sql, const load::LoadPlan& plan);

}  // namespace boxoffice::harness
