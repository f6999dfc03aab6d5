// The server without its network: routes, tokens, admission, threads, sweep, health.
//
// A call goes from begin() on the I/O thread to the token look-up, where the token is not cached,
// from there straight to the executor, and back to its session: I/O -> (tokens ->) worker -> I/O.
#pragma once

#include <memory>

#include "server/call.hpp"
#include "server/database_access.hpp"
#include "server/executor.hpp"
#include "server/exposition.hpp"
#include "server/health.hpp"
#include "server/hot_events.hpp"
#include "server/limits.hpp"
#include "server/lock_watch.hpp"
#include "server/replica.hpp"
#include "server/responder.hpp"
#include "server/service.hpp"
#include "server/sweeper.hpp"
#include "server/token_uses.hpp"
#include "server/tokens.hpp"

namespace boxoffice::server {

struct ApplicationOptions {
  std::unique_ptr<strategies::Strategy> strategy;
  DatabaseAccess database;
  ExecutorLimits executor;
  TokenLimits tokens;
  Duration hold = std::chrono::minutes(5);
  Duration slow_transaction{0};  ///< longer ones are logged; 0: none is
  Duration sweep_interval = std::chrono::minutes(1);
  Duration deadline = std::chrono::seconds(5);  ///< of a request, from its arrival to its begin
  RateLimits limits;
  Duration token_lifetime{0};      ///< of what a login makes; 0: without end
  Duration token_use_interval{0};  ///< how often last_used_at is written; 0: never
  int password_threads = 2;        ///< each has a connection, and costs 64 MiB while it hashes
  EventCacheLimits event_cache;
  std::optional<ReplicaOptions> replica;
};

class Application final : public Responder {
 public:
  /// To the database, beside those of the executor's and the passwords' threads: tokens, their
  /// uses, health, sweep, lock waits. With a replica there is one more, which asks how far the
  /// primary is.
  static constexpr int k_own_connections = 5;

  explicit Application(ApplicationOptions options);
  ~Application() override;

  /// Connects and starts every thread. Throws Failure where the database is away.
  void start();
  bool begin(Call& call, Scope port) override;
  void proceed(Call& call) override;
  void answered(const Call& call) override;
  /// The token of this call was looked up: refuses the call or sends it on.
  void admit(Call& call, Authentication outcome);
  /// The replica is not to be read, or could not be: the primary is, by few at a time.
  void read_primary(Call& call);
  /// Refuses what has waited past its deadline, sends to the primary what waits for a replica that
  /// was lost. To be called often, by one thread.
  void expire(Clock::time_point now);

  /// Takes effect at once; the trusted proxies stay.
  void change_limits(const RateLimits& limits);

  /// Where /metrics learns of connections. Before anybody may ask.
  void show_connections(std::function<ConnectionFigures()> figures) {
    connections_ = std::move(figures);
  }

  /// From now on /readyz says no.
  void drain() { service_.draining = true; }
  /// Refuses what still waits for its token or a thread.
  void refuse_waiting();
  /// Calls that wait for a thread or have one.
  std::int64_t unfinished() const {
    return executor_.unfinished() + passwords_.unfinished() +
           (replica_ ? replica_->unfinished() : 0);
  }
  /// Refuses what waits, lets what runs end, joins every thread. Again: does nothing.
  void stop();

 private:
  MetricSources sources() const;
  bool is_admitted(Call& call, Authentication outcome);
  std::optional<ProblemCode> refusal_of(Call& call, Authentication outcome);
  bool is_within(Call& call, const Allowance& allowance);
  Allowance take_for_anyone(const Call& call);
  void dispatch(Call& call);

  MeasuredStrategy strategy_;
  const DatabaseAccess database_;
  const Duration deadline_;
  Executor executor_;
  Executor passwords_;
  TokenUses token_uses_;
  Tokens tokens_;
  Limits limits_;
  LoginThrottle logins_;
  Sweeper sweeper_;
  Health health_;
  LockWatch lock_watch_;
  EventCache event_cache_;
  std::unique_ptr<Replica> replica_;
  RequestCounts requests_;
  HotEvents hot_events_;
  std::function<ConnectionFigures()> connections_;
  Service service_;
};

}  // namespace boxoffice::server
