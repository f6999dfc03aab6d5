// One request on its way: what was asked, who asks, the work for the database, and the reply.
//
//   session --begin--> route, handler (validates) --> token --> executor or sweeper --> resume
//
// GET of an event may find its reply in the cache at once, or wait for the reading of another call;
// a listing is read from the replica where there is one that is young enough, and otherwise, or
// where that fails, from the primary.
//
// A call is a member of its session, so that a request on a kept connection allocates nothing here;
// it is itself what waits in the executor's queue and among the token look-ups. A handler answers
// on the spot or names the work that a thread with a connection does later. Such work throws
// Failure where the environment fails; run() is the session's edge, where that becomes a problem
// document.
#pragma once

#include <optional>
#include <string_view>

#include "server/event_cache.hpp"
#include "server/executor.hpp"
#include "server/limits.hpp"
#include "server/rate_limiter.hpp"
#include "server/reply.hpp"
#include "server/request.hpp"
#include "server/tokens.hpp"
#include "server/validation.hpp"

namespace boxoffice::server {

class Application;
struct KeyedWork;
struct Route;
struct Service;

class Call : public Job, public TokenLookUp, public EventReader {
 public:
  using Work = void (*)(Call&, strategies::Connection&);
  enum class Place { here, executor, passwords, sweeper, event_cache, replica };

  // The session's side.
  Request request;
  Reply reply;
  Clock::time_point arrived;
  std::string peer;    ///< the address that the connection came from
  std::string client;  ///< whose request it is, behind our proxies; of routes for anyone only
  /// The reply is complete. Called on any thread, once for each proceed().
  virtual void resume() = 0;
  /// Forgets the request before.
  void clear();

  // The handlers' side.
  std::string_view parameter;  ///< what stands for {id} in the path
  Inputs inputs;
  Service& service() const { return *service_; }
  /// The work that makes the reply, on an executor's thread, admitted by `admission_key` (0: not).
  void work_on_executor(Work work, std::int64_t admission_key = 0);
  /// On the threads for what is slow on purpose.
  void work_on_passwords(Work work);
  void work_on_sweeper(Work work);
  /// On the executor, once for all who ask for this event meanwhile: see take_flight().
  void work_for_event(Work work);
  /// On a thread with a connection to the replica, if it may be read from, else on the executor.
  void work_on_replica(Work work);
  /// What work_for_event() must land() with what it has read, null where nobody shares it.
  std::unique_ptr<EventCache::Flight> take_flight() { return std::move(flight_); }
  /// The reply is this event, or that the client has it already; with an age it is of the past.
  void show(const EventText& text, std::optional<Clock::duration> age = {});
  /// The reply is this problem.
  void fail(ProblemCode code, const ProblemDetails& details = {});
  void fail(const Invalid& invalid);
  /// 429; says when to come again.
  void refuse_for_rate(const Allowance& allowance);
  void succeed(int status);
  /// The request has a password, or the reply a token: the session's copies are overwritten.
  bool holds_secret = false;
  /// Of a login, until its reply was sent.
  LoginAttempt login_attempt;
  /// Marks a reserve: when it ends, its outcome is logged as "Reservation attempt".
  bool is_reservation_attempt = false;
  /// A reserve that swept its event and tried again: part of its time is a sweep's.
  bool released_holds = false;
  /// The reply is what the first request with this Idempotency-Key was told, be it a refusal.
  bool is_replay = false;
  /// What the reply says of an event's inventory.
  std::optional<strategies::EventNumbers> event_numbers;
  std::optional<std::int64_t> total_tickets;
  /// While the work runs of a request with an Idempotency-Key; else null.
  KeyedWork* keyed = nullptr;

  // What is counted when the reply is there.
  const Route* route() const { return route_; }
  std::optional<ProblemCode> problem() const { return problem_; }
  /// "success", "replayed" or the problem's code: what the log calls its end.
  std::string_view outcome() const;
  /// Of its transactions; all zero where it had none.
  const strategies::Spans& spans() const { return spans_; }
  const strategies::Traffic& traffic() const { return traffic_; }

  // What the queues call.
  bool run(strategies::Connection& connection) final;
  void refuse(Refused why) final;
  void authenticated(Authentication outcome) final;
  void shown(const EventText& text, Clock::duration age) final;
  void not_shown(ProblemCode why) final;

 private:
  friend class Application;
  bool read_replica(strategies::Connection& connection);
  bool work_guarded(strategies::Connection& connection);
  void end_flight();
  void log_reservation_attempt(int attempts) const;
  void log_if_slow(const strategies::AttemptStatistics& statistics, Clock::duration taken) const;

  Application* application_ = nullptr;
  Service* service_ = nullptr;
  const Route* route_ = nullptr;
  Work work_ = nullptr;
  Place place_ = Place::here;
  bool needs_look_up_ = false;
  std::unique_ptr<EventCache::Flight> flight_;
  std::optional<ProblemCode> problem_;
  strategies::Spans spans_;
  strategies::Traffic traffic_;
};

}  // namespace boxoffice::server
