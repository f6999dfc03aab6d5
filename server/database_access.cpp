// See database_access.hpp. What is asked beside the executor's threads has a connection each, so
// that none waits for another.
#include "server/database_access.hpp"

#include "strategies/accounts.hpp"
#include "strategies/replication.hpp"

namespace boxoffice::server {

DatabaseAccess access_to(const strategies::Database& database) {
  const auto for_tokens = std::shared_ptr<strategies::Connection>(database.connect_promptly());
  const auto for_health = std::shared_ptr<strategies::Connection>(database.connect_to_probe());
  const auto for_uses = std::shared_ptr<strategies::Connection>(database.connect());
  const auto for_locks = std::shared_ptr<strategies::Connection>(database.connect());
  return {[&database] { return database.connect(); },
          [](strategies::Connection& connection) { connection.session(); },
          [for_tokens](auto ids) { return strategies::find_tokens(*for_tokens, ids); },
          [for_health] { return for_health->probe() == strategies::Presence::here; },
          for_health->server(),
          [for_uses](const auto& ids) { strategies::note_tokens_used(*for_uses, ids); },
          [for_locks] { return strategies::read_lock_waits(*for_locks); }};
}

ReplicaOptions access_to_replica(const strategies::Database& primary,
                                 const strategies::Database& replica) {
  const auto ahead = std::shared_ptr<strategies::Connection>(primary.connect_promptly());
  const auto behind = std::shared_ptr<strategies::Connection>(replica.connect_promptly());
  return {[&replica] { return replica.connect(); },
          {[ahead] { return strategies::log_position(*ahead); },
           [behind](const auto& position) { return strategies::follows(*behind, position); }}};
}

}  // namespace boxoffice::server
