// A mysql:// URL as what libmariadb connects with.
#pragma once

#include <string>

namespace boxoffice::strategies {

enum class Tls {
  off,
  required,     ///< encrypted, the server's certificate is not checked
  verify_full,  ///< and its certificate is of a known authority, for this host
};

struct MysqlAddress {
  std::string host = "127.0.0.1";
  unsigned int port = 3306;
  std::string socket;  ///< a unix socket's path; empty: TCP
  std::string user;
  std::string password;
  std::string name;  ///< of the database
  Tls tls = Tls::off;
  std::string ca;  ///< a file of certificates; empty: the system's

  /// See Database::in_the_clear().
  bool in_the_clear() const;
  /// For logs and as a setting's value: a URL that read_mysql_url() reads, without the password.
  std::string display() const;
};

/// mysql://user[:password]@host[:port]/name[?socket=/path][&tls=off|required|verify-full]
/// [&ca=/file], percent-encoded where needed; mariadb:// is the same. Throws ConfigurationError,
/// also for a `ca` that cannot be read or has nothing to check.
MysqlAddress read_mysql_url(const std::string& url);

}  // namespace boxoffice::strategies
