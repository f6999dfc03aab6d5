// The reference line of PostgreSQL. The statements are those of strategies/, written out again on
// purpose: the harness shares no code with what it measures.
#include <fmt/format.h>
#include <unistd.h>

#include "harness/database/private_postgresql.hpp"
#include "harness/failure.hpp"
#include "harness/process/process.hpp"
#include "harness/reference.hpp"
#include "harness/run_directory.hpp"

namespace boxoffice::harness {

namespace {

// A user of the client's own, then one reserve.
constexpr const char* k_script = R"(\set n :n + 1
\set user :first + :client_id * :share + :n % :share
BEGIN;
SELECT total_tickets, available_tickets, version FROM events WHERE id = :event FOR NO KEY UPDATE;
SELECT r.id, r.event_id, r.user_id, r.quantity, r.status, (extract(epoch from r.expires_at) *
  1000000)::bigint, (extract(epoch from r.purchased_at) * 1000000)::bigint, r.request_id,
  r.event_version, r.closed_event_version, (extract(epoch from r.created_at) * 1000000)::bigint,
  (extract(epoch from r.updated_at) * 1000000)::bigint, (extract(epoch from clock_timestamp()) *
  1000000)::bigint FROM (SELECT 1) AS one LEFT JOIN reservations r ON r.event_id = :event AND
  r.user_id = :user AND r.status = 'reserved';
UPDATE events SET available_tickets = available_tickets - 1, version = version + 1, updated_at =
  clock_timestamp() WHERE id = :event RETURNING version;
INSERT INTO reservations (event_id, user_id, quantity, status, expires_at, request_id,
  event_version, created_at, updated_at) VALUES (:event, :user, 1, 'reserved', clock_timestamp()
  + interval '5 min', gen_random_uuid()::text, 1, clock_timestamp(), clock_timestamp())
  RETURNING id;
COMMIT;
)";

// Nothing where it ended before it had made all its connections, as it may on a busy machine.
std::optional<double> parse_tps(const std::string& output) {
  const auto at = output.find("tps = ");
  if (at == std::string::npos) return std::nullopt;
  return std::stod(output.substr(at + 6));
}

}  // namespace

std::optional<double> run_pgbench(const ReferenceRun& asked) {
  constexpr long long k_patient_seconds = 5;
  ReferenceRun run = asked;
  const auto program = find_postgresql_binaries({}) / "pgbench";
  if (access(program.c_str(), X_OK) != 0) return std::nullopt;
  const auto script = run.scratch / "pgbench.sql", output = run.scratch / "pgbench.log";
  write_file(script, k_script);
  Command command{.argv = {program.string(), "-n", "-M", "prepared", "-j", "1"},
                  .output = output,
                  .directory = {},
                  .user = {},
                  .environment = {}};
  for (const std::string& variable :
       {fmt::format("event={}", run.event), fmt::format("first={}", run.first_user),
        fmt::format("share={}", run.users_of_a_client), std::string("n=0")}) {
    command.argv.insert(command.argv.end(), {"-D", variable});
  }
  for (;;) {
    Command timed = command;
    timed.argv.insert(timed.argv.end(),
                      {"-c", std::to_string(run.clients), "-T", std::to_string(run.seconds), "-f",
                       script.string(), run.url});
    std::filesystem::remove(output);
    try {
      run_command(timed, std::chrono::seconds(run.seconds + 30), "pgbench");
    } catch (const std::runtime_error& error) {
      throw EnvironmentBroke(error.what());
    }
    if (const auto tps = parse_tps(read_file(output))) return tps;
    if (run.seconds >= k_patient_seconds)
      throw EnvironmentBroke("pgbench said no rate: " + read_file(output));
    run.seconds = k_patient_seconds;
  }
}

}  // namespace boxoffice::harness
