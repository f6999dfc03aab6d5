// See mysql_version.hpp. Enforced CHECK: MariaDB 10.2, MySQL 8.0.16; SKIP LOCKED and JSON_TABLE:
// MariaDB 10.6, MySQL 8.0.4.
#include "strategies/engines/mysql_version.hpp"

#include <cstdio>
#include <tuple>

#include "strategies/failure.hpp"

namespace boxoffice::strategies {

ServerVersion mysql_version(const std::string& text) {
  ServerVersion version;
  version.text = text;
  version.product = text.find("MariaDB") != std::string::npos ? "mariadb" : "mysql";
  std::sscanf(text.c_str(), "%d.%d.%d", &version.major, &version.minor, &version.patch);
  return version;
}

void require_supported(const ServerVersion& version) {
  const auto is = std::tuple(version.major, version.minor, version.patch);
  if (is >= (version.product == "mariadb" ? std::tuple(10, 6, 0) : std::tuple(8, 0, 16))) return;
  throw ConfigurationError(
      "the server is " + version.product + " " + version.text +
      ", which is too old (enforced CHECK constraints, SKIP LOCKED, JSON_TABLE): this program "
      "needs MariaDB 10.6 or MySQL 8.0.16, or newer");
}

}  // namespace boxoffice::strategies
