// A private PostgreSQL. See private_database.hpp.
#pragma once

#include "harness/database/private_database.hpp"

namespace boxoffice::harness {

class PrivatePostgresql final : public PrivateDatabase {
 public:
  /// Throws std::runtime_error with one clear line: no binaries, no space, no user to drop to, no
  /// start in 30 s.
  explicit PrivatePostgresql(const PrivateDatabaseOptions& options);
  /// A streaming replica of `primary`, which outlives it.
  PrivatePostgresql(const PrivateDatabaseOptions& options, const PrivatePostgresql& primary);
  ~PrivatePostgresql() override { abandon(); }

  const std::filesystem::path& binaries() const { return binaries_; }

 private:
  PrivatePostgresql(const PrivateDatabaseOptions& options, const PrivatePostgresql* primary);
  void initialise();
  void copy(const PrivatePostgresql& primary);
  std::vector<std::string> server_argv() const override;
  bool answers() const override;
  std::string url_of(const std::string& name) const override;
  std::string tcp_url_of(const std::string& name) const override;

  std::filesystem::path binaries_;
};

/// The directory with initdb and postgres: `wanted`, $BOXOFFICE_POSTGRESQL_BIN, the newest of
/// /usr/lib/postgresql/*, or the PATH. Throws std::runtime_error that says where it looked.
std::filesystem::path find_postgresql_binaries(const std::filesystem::path& wanted);

}  // namespace boxoffice::harness
