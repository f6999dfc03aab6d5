// How a call finds its way; each step is a few lines, and the steps are in the order of the essay
// in application.hpp.
#include "server/application.hpp"

#include <boxoffice_version.hpp>

#include "server/dashboard.hpp"
#include "server/idempotent.hpp"
#include "server/log.hpp"
#include "server/routes.hpp"

namespace boxoffice::server {
namespace {

/// Enough to keep the threads of a hot event busy for the pause between two token look-ups.
constexpr std::int64_t k_waiting_is_time = 8;
/// At two threads and some tens of milliseconds each, a few seconds' worth.
constexpr std::int64_t k_passwords_queue = 200;
/// Of what has a short line of its own, or somebody else to turn to: until the deadline.
constexpr Duration k_any_wait{0};
/// The lane of listings that come back from the replica: no event has this id.
constexpr std::int64_t k_listings_key = -1;

std::string describe(const strategies::Strategy& strategy, const strategies::ServerVersion& server,
                     const ExecutorLimits& limits) {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  json.field("version", k_version);
  json.field("git_commit", k_git_commit);
  json.field("build_type", k_build_type);
  json.field("strategy", strategy.name());
  json.field("database", server.product);
  json.field("database_version", server.text);
  json.field("event_concurrency", limits.per_key);  // 0: unlimited
  json.field("pool", limits.threads);
  json.end_object();
  return text;
}

std::unique_ptr<Replica> make_replica(const ApplicationOptions& options) {
  if (!options.replica) return nullptr;
  const auto& wanted = *options.replica;
  return std::make_unique<Replica>(
      wanted.look, wanted.lag_max,
      ExecutorLimits{wanted.threads, options.executor.queue, 0, k_any_wait}, wanted.connect);
}

}  // namespace

Application::Application(ApplicationOptions options)
    : strategy_(std::move(options.strategy)),
      database_(std::move(options.database)),
      deadline_(options.deadline),
      executor_(options.executor, database_.connect),
      passwords_({options.password_threads, k_passwords_queue, 0, k_any_wait}, database_.connect),
      token_uses_(options.token_use_interval, database_.note_tokens_used),
      tokens_(
          options.tokens, database_.find_tokens,
          [this] { return executor_.waiting() >= k_waiting_is_time; },
          [this](strategies::TokenId id) { token_uses_.note(id); }),
      limits_(options.limits),
      logins_(options.limits.logins_per_minute),
      sweeper_(strategy_, database_.connect, options.sweep_interval),
      health_(database_.answers),
      lock_watch_(database_.lock_waits),
      event_cache_(options.event_cache),
      replica_(make_replica(options)),
      service_{strategy_,
               options.hold,
               sweeper_,
               health_,
               describe(strategy_, database_.server, options.executor),
               [this] { return expose(sources()); },
               [this] { return dashboard_figures(sources(), hot_events_, service_.draining); },
               logins_,
               options.token_lifetime,
               [this](strategies::TokenId id) { tokens_.forget(id); },
               options.slow_transaction,
               event_cache_,
               replica_.get()} {}

Application::~Application() {
  stop();
}

void Application::start() {
  executor_.start(database_.open);
  passwords_.start(database_.open);
  token_uses_.start();
  tokens_.start();
  sweeper_.start();
  health_.start();
  lock_watch_.start();
  if (replica_) replica_->start();
}

bool Application::begin(Call& call, Scope port) {
  call.application_ = this;
  call.service_ = &service_;
  const auto match = match_route(call.request.method, call.request.path, port);
  if (match.route == nullptr) {
    if (!match.path_known) {
      call.fail(ProblemCode::not_found);
    } else {
      call.reply.header("Allow", allowed_methods(call.request.path, port));
      call.fail(ProblemCode::method_not_allowed);
    }
    return true;
  }
  call.route_ = match.route;
  call.parameter = match.parameter;
  call.deadline = call.token_deadline = call.reader_deadline = call.arrived + deadline_;
  const bool anyone = match.route->who == Who::anyone;
  if (anyone && match.route->scope == Scope::api) {
    call.client = limits_.client_of(call.peer, call.request.forwarded_for);
    if (!is_within(call, take_for_anyone(call))) return true;
  }
  const bool keyed = call.request.method == Method::post;
  const auto invalid = keyed ? check_idempotency_key(call.request, !anyone) : std::nullopt;
  if (invalid) {
    call.fail(*invalid);
  } else {
    match.route->handler(call);
  }
  if (!anyone) {
    const auto credential = parse_bearer(call.request.authorization);
    if (credential) call.credential = *credential;
    const auto known =
        credential ? tokens_.recall(call, call.arrived) : std::optional(Authentication::unknown);
    call.needs_look_up_ = !known;
    if (!known) return false;
    if (!is_admitted(call, *known)) return true;
  }
  return call.place_ == Call::Place::here;
}

void Application::proceed(Call& call) {
  if (call.needs_look_up_ && health_.away()) {
    call.failure = strategies::FailureCode::database_unavailable;
    admit(call, Authentication::failed);
  } else if (call.needs_look_up_) {
    tokens_.look_up(call);
  } else {
    dispatch(call);
  }
}

void Application::answered(const Call& call) {
  const auto taken = Clock::now() - call.arrived;
  requests_.count(call.route(), call.reply.status, call.problem(), taken);
  const auto& known = call.event_numbers;
  if (!call.is_reservation_attempt) {
    if (known) hot_events_.learn(*known, call.total_tickets);
    return;
  }
  if (call.is_replay) return requests_.count_replay();  // the attempt was counted when it was made
  const bool made_a_hold = call.reply.status == 201;
  requests_.count_attempt(call.problem(), made_a_hold);
  const strategies::EventId event{call.inputs.id};
  const auto succeeded = made_a_hold ? AttemptOutcome::held : AttemptOutcome::held_before;
  hot_events_.count(event, call.problem() ? outcome_of(*call.problem()) : succeeded, known,
                    Clock::now());
  if (!made_a_hold || call.released_holds) return;
  requests_.reserve_times().observe(taken, {call.admission_wait(), call.pool_wait()}, call.spans());
  requests_.reserve_traffic().observe(call.traffic());
}

MetricSources Application::sources() const {
  return {strategy_,   requests_,    executor_,      sweeper_,         health_,
          lock_watch_, event_cache_, replica_.get(), database_.server, connections_};
}

void Application::change_limits(const RateLimits& limits) {
  limits_.change(limits);
  logins_.set_limit(limits.logins_per_minute);
}

/// While the database is away nothing waits for it.
void Application::dispatch(Call& call) {
  const bool asks_primary = call.place_ != Call::Place::here && call.place_ != Call::Place::replica;
  if (asks_primary && health_.away()) return call.refuse(Refused::database_away);
  switch (call.place_) {
    case Call::Place::here:
      return call.resume();
    case Call::Place::executor:
      return executor_.submit(call);
    case Call::Place::passwords:
      return passwords_.submit(call);
    case Call::Place::sweeper:
      return sweeper_.submit(call);
    case Call::Place::event_cache:
      // Without a flight the call waits, and may be answered and gone already.
      if (auto flight = event_cache_.join(call, strategies::EventId{call.inputs.id})) {
        call.flight_ = std::move(flight);
        executor_.submit(call);
      }
      return;
    case Call::Place::replica:
      if (replica_->usable_as_of(Clock::now())) return replica_->submit(call);
      replica_->count(false);
      return read_primary(call);
  }
}

void Application::read_primary(Call& call) {
  call.place_ = Call::Place::executor;
  call.key = k_listings_key;
  dispatch(call);
}

void Application::expire(Clock::time_point now) {
  tokens_.expire(now);
  if (health_.away()) {
    executor_.turn_away(Refused::database_away);
    passwords_.turn_away(Refused::database_away);
  }
  executor_.expire(now);
  passwords_.expire(now);
  event_cache_.expire(now);
  if (replica_) replica_->expire(now);
}

void Application::refuse_waiting() {
  tokens_.refuse_waiting();
  if (replica_) replica_->refuse_waiting();
  executor_.refuse_waiting();
  passwords_.refuse_waiting();
  event_cache_.refuse_waiting();
}

void Application::stop() {
  tokens_.stop();
  if (replica_) replica_->stop();  // before the executor, to which it may hand what it could not do
  executor_.stop();
  passwords_.stop();
  token_uses_.stop();
  sweeper_.stop();
  health_.stop();
  lock_watch_.stop();
}

}  // namespace boxoffice::server
