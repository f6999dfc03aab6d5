// boxoffice-server-next: the same program with one more step of the schema, as the next release may
// have it. The upgrade's end-to-end test needs a program that is newer than this one; never
// installed.
//
// The step is of the kind that an upgrade under load allows: a column that has a default, and an
// index that is made while others write.
#include "server/program.hpp"
#include "strategies/migrations.hpp"

namespace {

constexpr const char* k_postgresql = R"(-- Where a reservation came from.
-- Oldest program: 3
-- Statement by statement
ALTER TABLE reservations ADD COLUMN IF NOT EXISTS channel VARCHAR(32) NOT NULL DEFAULT 'web';
DROP INDEX CONCURRENTLY IF EXISTS idx_channel;
CREATE INDEX CONCURRENTLY idx_channel ON reservations (channel);
)";
constexpr const char* k_mysql = R"(-- Where a reservation came from.
-- Oldest program: 3
ALTER TABLE reservations ADD COLUMN channel VARCHAR(32) NOT NULL DEFAULT 'web';
CREATE INDEX idx_channel ON reservations (channel);
)";

}  // namespace

int main(int argc, char** argv) {
  boxoffice::strategies::add_migration("0004-channel.sql", k_postgresql, k_mysql);
  return boxoffice::server::run_program(argc, argv);
}
