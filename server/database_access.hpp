// What the application asks of a database and of its replica, beside the strategy's transactions:
// as functions, so that tests have another behind them.
#pragma once

#include <functional>

#include "server/executor.hpp"
#include "server/lock_watch.hpp"
#include "server/replica.hpp"
#include "server/token_uses.hpp"
#include "server/tokens.hpp"
#include "strategies/database.hpp"

namespace boxoffice::server {

struct DatabaseAccess {
  /// Makes a connection that is not connected yet.
  Executor::Connect connect;
  /// Connects it; throws Failure where that fails.
  Executor::OnStart open;
  Tokens::Find find_tokens;
  std::function<bool()> answers;  ///< and takes writes
  strategies::ServerVersion server;
  TokenUses::Write note_tokens_used = [](const auto&) {};
  LockWatch::Look lock_waits = {};  ///< none: they are not watched
};

/// To the read replica. What it is asked goes over connections of its own.
struct ReplicaOptions {
  Executor::Connect connect;
  Replica::Look look;
  Duration lag_max = std::chrono::seconds(5);
  int threads = 4;
};

/// Connects once, to learn what the server is; throws Failure where there is none. `database`
/// outlives what it returns.
DatabaseAccess access_to(const strategies::Database& database);
ReplicaOptions access_to_replica(const strategies::Database& primary,
                                 const strategies::Database& replica);

}  // namespace boxoffice::server
