// What may be shown of a database's URL, and of what a database's library says: neither a password,
// nor more than a line.
#pragma once

#include <string>

namespace boxoffice::harness {

/// Logs and run directories are sent around: of postgresql://user:password@host/name?password=...
/// it keeps the rest, and so of each URL in a list of them or in a sentence. Any other text stays
/// as it is.
std::string without_password(const std::string& text);

/// Runs of blanks, tabs and line ends become one space; none at the end.
std::string one_line(const std::string& text);

}  // namespace boxoffice::harness
