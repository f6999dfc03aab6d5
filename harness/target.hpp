// A server that we did not start: what it says of its events before a run, and the plan and header
// of a load against it. Used by `load` and by `verify --target`.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "harness/load/plan.hpp"
#include "harness/units.hpp"
#include "properties/history.hpp"

namespace boxoffice::harness {

/// Where `plan` goes, and for https a file of the authorities to trust instead of the system's
/// (empty: the system's). Throws UsageError where that cannot be read, or where the target has a
/// path.
void set_target(load::LoadPlan& plan, const std::string& target, const std::string& ca);

/// What `plan` speaks, of which events: the adapter's file at that path (empty: our own API, whose
/// ids are numbers), and event ids as they are typed. Throws UsageError.
void set_api(load::LoadPlan& plan, const std::string& adapter,
             const std::vector<std::string>& events);

/// events.tsv and reservations.tsv, number and text, for ids that were texts; none for others.
void write_text_ids(const load::LoadPlan& plan, const std::filesystem::path& directory);

/// For LoadPlan::request_id_salt: drawn anew for each run, so that a seed may be used again against
/// a database that remembers the run before.
std::uint64_t fresh_salt();

/// What the target says of an event, in the words of the plan's adapter.
struct SaidOfEvent {
  int http = 0;        ///< as it came
  bool known = false;  ///< the adapter knows such a reply
  bool found = false;
  bool aged = false;  ///< it has an Age: from a cache or a replica, and not of now
  std::optional<std::int64_t> total_tickets, available, version;
};
/// Asks for one event, as a user of the plan where it has any; nothing where no reply came within
/// two seconds. Replies with an Age are asked for again, for five seconds. Throws
/// std::runtime_error where the target is no address, or where its certificate is not one to trust.
std::optional<SaidOfEvent> ask_event(const load::LoadPlan& plan, std::int64_t event);

/// How far apart the clock of somebody else's database and ours may drift during a hold: 5 ms, and
/// one in a thousand of it, which is what two machines may slew at most (500 ppm each).
std::int64_t clock_slack_us(Duration hold);

/// The header of a history against `plan`'s target, which is asked for each event's capacity.
/// `versions` is false where its replies carry none. Throws UsageError where it does not answer, or
/// not as the adapter says.
properties::Header header_for(const load::LoadPlan& plan, const std::string& run_id, Duration hold);

/// Begins plan.history_path with that header.
void write_client_header(const load::LoadPlan& plan, Duration hold, const std::string& run_id);

/// Once the load has ended: adds to plan.history_path what capacity each event of its header has
/// now, as the server says it; asks again for ten seconds, all events together, where it does not.
/// A history that was cut off is left as it is.
void note_capacities(const load::LoadPlan& plan);

/// Waits until the plan's events have shown the same numbers for `still` (of a load that only
/// reserves: no fewer tickets); false where they did not
/// within `patience`, or were not shown, or where a stop was asked for.
bool stands_still(const load::LoadPlan& plan, std::chrono::milliseconds still,
                  std::chrono::milliseconds patience, const std::stop_token& stop = {});

/// Throws UsageError where nobody answers at the target's path, or for the plan's events.
void expect_listener(const load::LoadPlan& plan);

}  // namespace boxoffice::harness
