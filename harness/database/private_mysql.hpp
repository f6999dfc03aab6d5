// A private MySQL: MySQL's own server, not MariaDB's. See private_database.hpp.
//
// Debian's stable releases do not have it. It is run where the machine has it, and otherwise from
// a directory with the packages of another release unpacked in it (`make mysql` makes one): through
// that directory's own dynamic loader, so that neither root nor chroot is needed and the data may
// lie anywhere.
#pragma once

#include "harness/database/private_innodb.hpp"

namespace boxoffice::harness {

/// How to run mysqld: what argv begins with, and the arguments that tell it where its files are.
struct MysqlProgram {
  std::vector<std::string> argv;
  std::vector<std::string> arguments;
};

/// `root` (a directory of the shape of / with mysqld in it) where it is not empty. Otherwise a
/// mysqld of MySQL's own on the PATH, $BOXOFFICE_MYSQL_ROOT, or mysql-root in the build directory
/// of this program. Throws std::runtime_error that says what is missing.
MysqlProgram find_mysql_program(const std::filesystem::path& root);

class PrivateMysql final : public PrivateInnodb {
 public:
  /// Throws std::runtime_error with one clear line: no program, no space, no user to drop to, no
  /// start in 30 s.
  explicit PrivateMysql(const PrivateDatabaseOptions& options);
  ~PrivateMysql() override { abandon(); }

 private:
  void initialise();
  std::vector<std::string> argv_with(const std::vector<std::string>& more) const;
  std::vector<std::string> server_argv() const override;

  MysqlProgram program_;
};

}  // namespace boxoffice::harness
