// The table, the two switches from the domain's codes to it, and the document itself.
#include "server/problem.hpp"

#include <array>
#include <stdexcept>

#include "server/json_writer.hpp"

namespace boxoffice::server {
namespace {

using enum ProblemCode;

constexpr std::array k_kinds{
    ProblemKind{malformed_request, "malformed_request", 400, "Malformed request",
                "The request cannot be read."},
    ProblemKind{unauthenticated, "unauthenticated", 401, "Unauthenticated",
                "A valid bearer token is needed."},
    ProblemKind{forbidden, "forbidden", 403, "Forbidden",
                "This needs an administrator, or a token that is able to do it."},
    ProblemKind{not_found, "not_found", 404, "Not found", "There is nothing at this path."},
    ProblemKind{method_not_allowed, "method_not_allowed", 405, "Method not allowed",
                "This path has other methods: see Allow."},
    ProblemKind{request_timeout, "request_timeout", 408, "Request timeout",
                "The request did not arrive in time."},
    ProblemKind{content_too_large, "content_too_large", 413, "Content too large",
                "The body is larger than this server reads."},
    ProblemKind{unsupported_media_type, "unsupported_media_type", 415, "Unsupported media type",
                "A body must be application/json, not encoded."},
    ProblemKind{validation_failed, "validation_failed", 422, "Validation failed",
                "A field is missing, unknown or out of its range: see errors."},
    ProblemKind{header_fields_too_large, "header_fields_too_large", 431,
                "Request header fields too large", "The header is larger than this server reads."},
    ProblemKind{internal_error, "internal_error", 500, "Internal error",
                "The server failed; its log has the request id."},
    ProblemKind{overloaded, "overloaded", 503, "Overloaded",
                "The request could not be served in time and was not begun."},
    ProblemKind{lock_timeout, "lock_timeout", 503, "Lock timeout",
                "Waited too long for a lock; the transaction was rolled back."},
    ProblemKind{retries_exhausted, "retries_exhausted", 503, "Retries exhausted",
                "Every try met a conflict; each was rolled back."},
    ProblemKind{database_unavailable, "database_unavailable", 503, "Database unavailable",
                "The database is away, or its disk is full."},
    ProblemKind{shutting_down, "shutting_down", 503, "Shutting down",
                "The server is stopping; the request was not begun."},
    ProblemKind{commit_unknown, "commit_unknown", 503, "Commit unknown",
                "The connection broke during COMMIT: it may or may not have happened. Look "
                "before you send it again."},
    ProblemKind{not_ready, "not_ready", 503, "Not ready", "The server is not ready."},
    ProblemKind{sweep_running, "sweep_running", 409, "Sweep running",
                "A sweep is running on this or another instance."},
    ProblemKind{event_not_found, "event_not_found", 404, "Event not found",
                "There is no such event."},
    ProblemKind{sold_out, "sold_out", 409, "Sold out", "Fewer tickets are left than asked for."},
    ProblemKind{reservation_not_found, "reservation_not_found", 404, "Reservation not found",
                "You have no such reservation."},
    ProblemKind{reservation_expired, "reservation_expired", 410, "Reservation expired",
                "The hold was over before it was purchased."},
    ProblemKind{already_purchased, "already_purchased", 409, "Already purchased",
                "The reservation was purchased before."},
    ProblemKind{already_cancelled, "already_cancelled", 409, "Already cancelled",
                "The reservation was cancelled before."},
    ProblemKind{not_cancellable, "not_cancellable", 409, "Not cancellable",
                "Only a hold can be cancelled."},
    ProblemKind{invalid_credentials, "invalid_credentials", 401, "Invalid credentials",
                "There is no user with this address and this password."},
    ProblemKind{email_taken, "email_taken", 422, "E-mail address taken",
                "A user with this address is registered."},
    ProblemKind{token_not_found, "token_not_found", 404, "Token not found",
                "You have no such token."},
    ProblemKind{capacity_below_committed, "capacity_below_committed", 409,
                "Capacity below committed",
                "More tickets are reserved or purchased than the event would have."},
    ProblemKind{event_has_reservations, "event_has_reservations", 409, "Event has reservations",
                "What was ever reserved is kept: only an event without reservations is deleted."},
    ProblemKind{precondition_failed, "precondition_failed", 412, "Precondition failed",
                "The event was edited since: read it again."},
    ProblemKind{rate_limited, "rate_limited", 429, "Rate limited",
                "Too many requests: see Retry-After."},
    ProblemKind{idempotency_key_reused, "idempotency_key_reused", 422, "Idempotency key reused",
                "This Idempotency-Key was sent with another request."},
    ProblemKind{request_in_progress, "request_in_progress", 409, "Request in progress",
                "The same request, with this Idempotency-Key, is under way."},
};

constexpr bool in_order_of_the_enum() {
  for (std::size_t i = 0; i < k_kinds.size(); ++i) {
    if (k_kinds[i].id != static_cast<ProblemCode>(i)) return false;
  }
  return true;
}
static_assert(in_order_of_the_enum());
static_assert(k_kinds.size() == static_cast<std::size_t>(request_in_progress) + 1);

bool promises_no_effect(ProblemCode code) {
  return code != commit_unknown && code != internal_error;
}

void write_errors(JsonWriter& json, std::span<const FieldError> errors) {
  json.begin_object("errors");
  for (const auto& error : errors) {
    json.begin_array(error.field);
    json.value(std::string_view(error.message));
    json.end_array();
  }
  json.end_object();
}

}  // namespace

const ProblemKind& kind_of(ProblemCode code) {
  return k_kinds[static_cast<std::size_t>(code)];
}

std::span<const ProblemKind> problem_kinds() {
  return k_kinds;
}

ProblemCode problem_of(strategies::RefusalCode code) {
  using strategies::RefusalCode;
  switch (code) {
    case RefusalCode::event_not_found:
      return event_not_found;
    case RefusalCode::sold_out:
      return sold_out;
    case RefusalCode::reservation_not_found:
      return reservation_not_found;
    case RefusalCode::reservation_expired:
      return reservation_expired;
    case RefusalCode::already_purchased:
      return already_purchased;
    case RefusalCode::already_cancelled:
      return already_cancelled;
    case RefusalCode::not_cancellable:
      return not_cancellable;
    case RefusalCode::email_taken:
      return email_taken;
    case RefusalCode::token_not_found:
      return token_not_found;
    case RefusalCode::capacity_below_committed:
      return capacity_below_committed;
    case RefusalCode::event_has_reservations:
      return event_has_reservations;
    case RefusalCode::precondition_failed:
      return precondition_failed;
  }
  throw std::logic_error("a refusal or failure code that is none");
}

ProblemCode problem_of(strategies::FailureCode code) {
  using strategies::FailureCode;
  switch (code) {
    case FailureCode::database_unavailable:
    case FailureCode::no_space:
      return database_unavailable;
    case FailureCode::lock_timeout:
      return lock_timeout;
    case FailureCode::retries_exhausted:
      return retries_exhausted;
    case FailureCode::commit_unknown:
      return commit_unknown;
    case FailureCode::internal:
      return internal_error;
  }
  throw std::logic_error("a refusal or failure code that is none");
}

void write_problem(Reply& reply, ProblemCode code, std::string_view request_id,
                   const ProblemDetails& details) {
  const auto& kind = kind_of(code);
  reply.status = kind.status;
  reply.content_type = "application/problem+json";
  if (kind.status == 503) reply.header("Retry-After", "1");
  if (kind.status == 401) reply.header("WWW-Authenticate", "Bearer");
  reply.body.clear();
  JsonWriter json(reply.body);
  json.begin_object();
  json.field("type", std::string("urn:boxoffice:problem:").append(kind.code));
  json.field("title", kind.title);
  json.field("status", kind.status);
  json.field("code", kind.code);
  json.field("detail", details.detail.empty() ? kind.detail : details.detail);
  json.field("request_id", request_id);
  if (promises_no_effect(code)) json.field("effect", "none");
  if (details.event != nullptr) {
    json.begin_object("event");
    json.field("id", details.event->id.value);
    json.field("available_tickets", details.event->available_tickets);
    json.field("version", details.event->version.value);
    json.end_object();
  }
  if (!details.errors.empty()) write_errors(json, details.errors);
  json.end_object();
}

}  // namespace boxoffice::server
