// The programs beside this one: the servers, and what they do once for a run (migrate, seed).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/load/plan.hpp"

namespace boxoffice::harness {

/// boxoffice-server, or boxoffice-server-broken for a negative control, in the directory of this
/// program. Throws UsageError where it is missing.
std::filesystem::path server_program(bool broken);

/// Brings the database to the newest schema. Throws EnvironmentBroke with the server's own words.
void migrate_database(const std::string& url, const std::filesystem::path& scratch);

/// Makes `users` accounts with a token each, and returns them.
std::vector<load::User> seed_users(const std::string& url, std::int64_t users,
                                   const std::filesystem::path& scratch);

/// Reads lines of: user id, tab, token (what `boxoffice-server seed --tokens-out` writes). Throws
/// UsageError.
std::vector<load::User> read_tokens(const std::filesystem::path& file);

}  // namespace boxoffice::harness
