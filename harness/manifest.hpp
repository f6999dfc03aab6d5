// manifest.json: what was run, on what, with which settings. Everything that a figure must stand
// beside.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <utility>
#include <vector>

#include "harness/commands/commands.hpp"
#include "harness/database/test_database.hpp"

namespace boxoffice::harness {

/// The fields that every command's manifest has; `configuration` is the effective one, in the order
/// of --help. Of `context` what was typed and what the environment gave: together with the seed
/// that is what repeats the run.
boost::json::object make_manifest(
    const std::string& run_id, const std::string& command, std::uint64_t seed,
    const Context& context, const std::vector<std::pair<std::string, std::string>>& configuration);

/// What the server says of itself.
boost::json::object describe_database(TestDatabase& database);

/// Sentences for the top of the report: a debug build, a busy machine, a processor that is
/// throttled.
std::vector<std::string> machine_warnings();

}  // namespace boxoffice::harness
