// Which of the two products a server is, and whether it is new enough.
#pragma once

#include <string>

#include "strategies/database.hpp"

namespace boxoffice::strategies {

/// What SELECT VERSION() says, such as "10.11.14-MariaDB-0+deb12u1" or "9.7.0".
ServerVersion mysql_version(const std::string& text);

/// Throws ConfigurationError for a server that lacks what the schema and the sweep rest on: CHECK
/// constraints that are enforced, SKIP LOCKED, JSON_TABLE.
void require_supported(const ServerVersion&);

}  // namespace boxoffice::strategies
