// The session's edge towards the blocking threads: failures and refusals become problem documents.
#include "server/call.hpp"

#include "server/application.hpp"
#include "server/idempotent.hpp"
#include "server/log.hpp"
#include "server/service.hpp"

namespace boxoffice::server {
namespace {

ProblemCode problem_of(Refused why) {
  switch (why) {
    case Refused::overloaded:
      return ProblemCode::overloaded;
    case Refused::shutting_down:
      return ProblemCode::shutting_down;
    case Refused::sweep_running:
      return ProblemCode::sweep_running;
    case Refused::database_away:
      return ProblemCode::database_unavailable;
  }
  return ProblemCode::internal_error;
}

/// Of a reserve whose COMMIT got no answer; nothing else is stored with its request's id.
constexpr std::string_view k_found_by_its_id =
    "The connection broke during COMMIT: it may or may not have happened. Send the same "
    "X-Request-Id again to find out.";

/// Whole seconds, rounded up: what the reply says is at most that old.
std::int64_t age_s(Clock::duration age) {
  return std::chrono::ceil<std::chrono::seconds>(age).count();
}

/// What finds the line again: the request's id, and its trace's where there is one.
void add_ids(JsonWriter& json, const Request& request) {
  json.field("request_id", request.request_id);
  if (!request.trace_id.empty()) json.field("trace_id", request.trace_id);
}

void log_failure(const Call& call, log::Level level, std::string_view code, const char* what) {
  log::write(level, "Request failed", [&](JsonWriter& json) {
    add_ids(json, call.request);
    json.field("path", call.request.path);
    json.field("code", code);
    json.field("what", what);
  });
}

}  // namespace

void Call::clear() {
  request.clear();
  reply.clear();
  credential = {};
  requester = {};
  parameter = {};
  inputs = {};
  login_attempt = {};
  holds_secret = false;
  client.clear();
  is_reservation_attempt = false;
  released_holds = false;
  is_replay = false;
  event_numbers.reset();
  total_tickets.reset();
  key = 0;
  route_ = nullptr;
  work_ = nullptr;
  place_ = Place::here;
  needs_look_up_ = false;
  problem_.reset();
  spans_ = {};
  traffic_ = {};
}

void Call::work_on_executor(Work work, std::int64_t admission_key) {
  work_ = work;
  place_ = Place::executor;
  key = admission_key;
}

void Call::work_on_passwords(Work work) {
  work_ = work;
  place_ = Place::passwords;
}

void Call::work_on_sweeper(Work work) {
  work_ = work;
  place_ = Place::sweeper;
}

void Call::work_for_event(Work work) {
  work_ = work;
  place_ = service_->event_cache.is_on() ? Place::event_cache : Place::executor;
}

void Call::work_on_replica(Work work) {
  work_ = work;
  place_ = service_->replica != nullptr ? Place::replica : Place::executor;
}

void Call::show(const EventText& text, std::optional<Clock::duration> age) {
  reply.header("ETag", text.etag);
  if (age) reply.header("Age", age_s(*age));
  if (has_already(request, text.etag)) return succeed(304);
  succeed(200);
  reply.body = text.body;
}

void Call::shown(const EventText& text, Clock::duration age) {
  show(text, age);
  resume();
}

void Call::not_shown(ProblemCode why) {
  fail(why);
  resume();
}

/// Where the work has not landed it, those who wait get the problem that this call got.
void Call::end_flight() {
  if (auto flight = take_flight()) {
    service_->event_cache.fail(std::move(flight), problem_.value_or(ProblemCode::internal_error));
  }
}

void Call::fail(ProblemCode code, const ProblemDetails& details) {
  problem_ = code;
  write_problem(reply, code, request.request_id, details);
}

void Call::fail(const Invalid& invalid) {
  fail(invalid.code, {.detail = invalid.detail, .errors = invalid.errors});
}

void Call::refuse_for_rate(const Allowance& allowance) {
  place_ = Place::here;
  reply.header("Retry-After", allowance.retry_after_s);
  fail(ProblemCode::rate_limited);
}

void Call::succeed(int status) {
  problem_.reset();
  reply.status = status;
}

std::string_view Call::outcome() const {
  if (is_replay) return "replayed";
  return problem_ ? kind_of(*problem_).code : "success";
}

/// False where it is not young enough or does not answer as it should: whatever is wrong with it,
/// the primary has the answer.
bool Call::read_replica(strategies::Connection& connection) {
  auto& replica = *service_->replica;
  const auto as_of = replica.usable_as_of(Clock::now());
  if (!as_of) return false;
  const auto fall_back = [this](const char* what) {
    log::write(log::Level::warn, "Replica failed a read", [&](JsonWriter& json) {
      add_ids(json, request);
      json.field("what", what);
    });
    reply.body.clear();
    return false;
  };
  try {
    work_(*this, connection);
  } catch (const strategies::Failure& thrown) {
    if (thrown.code() == strategies::FailureCode::database_unavailable) {
      replica.doubt(thrown.what());
    }
    return fall_back(thrown.what());
  } catch (const std::exception& error) {
    return fall_back(error.what());
  }
  reply.header("Age", age_s(Clock::now() - *as_of));
  return true;
}

bool Call::run(strategies::Connection& connection) {
  if (place_ != Place::replica) return work_guarded(connection);
  const bool was_read = read_replica(connection);
  service_->replica->count(was_read);
  if (was_read)
    resume();
  else
    application_->read_primary(*this);
  return false;
}

bool Call::work_guarded(strategies::Connection& connection) {
  connection.statistics() = {};
  const auto begin = Clock::now();
  try {
    if (request.idempotency_key.empty() || request.method != Method::post) {
      work_(*this, connection);
    } else {
      run_once(*this, connection, work_);
    }
  } catch (const strategies::Failure& thrown) {
    const auto code = server::problem_of(thrown.code());
    const bool can_be_found = is_reservation_attempt && code == ProblemCode::commit_unknown;
    fail(code, {.detail = can_be_found ? k_found_by_its_id : ""});
    log_failure(*this, log::Level::warn, kind_of(code).code, thrown.what());
    if (thrown.code() == strategies::FailureCode::database_unavailable) service_->health.doubt();
  } catch (const std::exception& error) {
    fail(ProblemCode::internal_error);
    log_failure(*this, log::Level::error, "internal_error", error.what());
  }
  const int attempts = connection.statistics().attempts;
  spans_ = connection.statistics().spans;
  traffic_ = connection.statistics().traffic;
  if (attempts > 0) log_if_slow(connection.statistics(), Clock::now() - begin);
  if (attempts > 0) reply.header("X-Transaction-Attempts", attempts);
  if (is_reservation_attempt) log_reservation_attempt(attempts);
  const bool committed = spans_.commit.count() > 0;
  end_flight();
  resume();  // after which it may be gone
  return committed;
}

void Call::refuse(Refused why) {
  // Those that wait for a replica are sent away when it is lost, be it late for them or not.
  if (place_ == Place::replica && why == Refused::overloaded && Clock::now() < deadline) {
    service_->replica->count(false);
    return application_->read_primary(*this);
  }
  fail(problem_of(why));
  end_flight();
  if (is_reservation_attempt) log_reservation_attempt(0);
  resume();
}

void Call::authenticated(Authentication outcome) {
  application_->admit(*this, outcome);
}

/// How long the request had its connection, of which a transaction's time is nearly all.
void Call::log_if_slow(const strategies::AttemptStatistics& statistics,
                       Clock::duration taken) const {
  if (service_->slow_transaction.count() == 0 || taken < service_->slow_transaction) return;
  log::write(log::Level::warn, "Slow transaction", [&](JsonWriter& json) {
    json.field("path", request.path);
    json.number("duration_ms", std::chrono::duration<double, std::milli>(taken).count());
    json.field("attempts", statistics.attempts);
    json.begin_object("failed_attempts");
    for (const auto& [code, count] : statistics.retries_by_code) json.field(code, count);
    json.end_object();
    json.field("outcome", outcome());
    add_ids(json, request);
  });
}

void Call::log_reservation_attempt(int attempts) const {
  log::write(log::Level::info, "Reservation attempt", [&](JsonWriter& json) {
    const std::chrono::duration<double, std::milli> taken = Clock::now() - arrived;
    json.field("event_id", inputs.id);
    json.field("user_id", requester.user.value);
    json.key("available_tickets");
    if (event_numbers) {
      json.value(event_numbers->available_tickets);
    } else {
      json.null();
    }
    json.number("duration_ms", taken.count());
    json.field("outcome", outcome());
    json.field("attempts", attempts);
    add_ids(json, request);
  });
}

}  // namespace boxoffice::server
