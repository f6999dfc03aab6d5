// mysql://user[:password]@host[:port]/name[?socket=/path&tls=off|required|verify-full&ca=/path], or
// mariadb://, which means the same: how a server of MySQL or MariaDB is named here, on the command
// line and between the programs. libmariadb has no URLs of its own.
#pragma once

#include <optional>
#include <string>

namespace boxoffice::harness {

struct MysqlUrl {
  std::string user, password;
  std::string host = "localhost";
  unsigned port = 3306;
  std::string name;     ///< of the database; empty: none chosen
  std::string socket;   ///< a unix socket instead of host and port; empty: TCP
  bool tls = false;     ///< required
  bool verify = false;  ///< and the certificate must be of a known authority, for this host
  std::string ca;       ///< a file of authorities; empty: the system's
};

/// Parts may be percent-encoded. Throws SqlError ("08001") that says what is wrong with the URL,
/// without repeating it, for it may hold a password.
MysqlUrl parse_mysql_url(const std::string& url);

}  // namespace boxoffice::harness
