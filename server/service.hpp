// What handlers may reach, beside their call: made once by the Application, shared by all calls.
#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "server/call.hpp"
#include "server/event_cache.hpp"
#include "server/health.hpp"
#include "server/limits.hpp"
#include "server/placement.hpp"
#include "server/release_gate.hpp"
#include "server/replica.hpp"
#include "server/units.hpp"
#include "strategies/strategy.hpp"

namespace boxoffice::server {

class Sweeper;

struct Service {
  const strategies::Strategy& strategy;
  Duration hold;  ///< how long a new hold lasts
  Sweeper& sweeper;
  Health& health;
  std::string version;                     ///< the body of GET /version
  std::function<std::string()> metrics;    ///< makes the body of GET /metrics
  std::function<std::string()> dashboard;  ///< ... of GET /dashboard.json
  LoginThrottle& logins;
  std::chrono::microseconds token_lifetime;               ///< of a login's token; 0: without end
  std::function<void(strategies::TokenId)> forget_token;  ///< it was revoked
  Duration slow_transaction;                              ///< longer ones are logged; 0: none is
  EventCache& event_cache;
  Replica* replica;  ///< null: there is none
  ReleaseGate release_gate{};
  Placement placement{};
  std::atomic<bool> draining = false;
};

}  // namespace boxoffice::server
