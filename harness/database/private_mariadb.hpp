// A private MariaDB. See private_database.hpp.
#pragma once

#include "harness/database/private_innodb.hpp"

namespace boxoffice::harness {

struct MariadbPrograms {
  std::filesystem::path server;      ///< mariadbd
  std::filesystem::path install_db;  ///< mariadb-install-db
};

/// On the PATH, or where distributions put servers' programs. Throws std::runtime_error that says
/// what is missing.
MariadbPrograms find_mariadb_programs();

class PrivateMariadb final : public PrivateInnodb {
 public:
  /// Throws std::runtime_error with one clear line: no programs, no space, no user to drop to, no
  /// start in 30 s.
  explicit PrivateMariadb(const PrivateDatabaseOptions& options);
  /// A replica of `primary`, which has to be one that `has_replica` from its first start on.
  PrivateMariadb(const PrivateDatabaseOptions& options, const PrivateMariadb& primary);
  ~PrivateMariadb() override { abandon(); }

 private:
  std::vector<std::string> server_argv() const override;

  MariadbPrograms programs_;
};

}  // namespace boxoffice::harness
