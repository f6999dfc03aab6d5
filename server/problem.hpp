// Errors as RFC 9457 problem documents: one table from code to status, title and promise.
//
// `effect: "none"` is a promise that nothing was changed, and the harness holds the server to it:
// an operation that was refused with it must not appear in the database. It is therefore absent
// exactly where the server cannot know: commit_unknown, and internal_error.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "server/reply.hpp"
#include "strategies/failure.hpp"
#include "strategies/strategy.hpp"

namespace boxoffice::server {

enum class ProblemCode {
  malformed_request,
  unauthenticated,
  forbidden,
  not_found,
  method_not_allowed,
  request_timeout,
  content_too_large,
  unsupported_media_type,
  validation_failed,
  header_fields_too_large,
  internal_error,
  overloaded,
  lock_timeout,
  retries_exhausted,
  database_unavailable,
  shutting_down,
  commit_unknown,
  not_ready,
  sweep_running,
  event_not_found,
  sold_out,
  reservation_not_found,
  reservation_expired,
  already_purchased,
  already_cancelled,
  not_cancellable,
  invalid_credentials,
  email_taken,
  token_not_found,
  capacity_below_committed,
  event_has_reservations,
  precondition_failed,
  rate_limited,
  idempotency_key_reused,
  request_in_progress,
};

struct ProblemKind {
  ProblemCode id;
  std::string_view code;  ///< stable, machine-readable: part of the API
  int status;
  std::string_view title;   ///< the same for every occurrence
  std::string_view detail;  ///< where the occurrence has nothing better to say
};

const ProblemKind& kind_of(ProblemCode code);
/// All of them, in the order of the enum.
std::span<const ProblemKind> problem_kinds();
/// 404, 409, 410, 412 or 422.
ProblemCode problem_of(strategies::RefusalCode code);
/// 503, or 500 for an error that no retry helps against.
ProblemCode problem_of(strategies::FailureCode code);

struct FieldError {
  std::string field;
  std::string message;
};

/// What one occurrence adds to its kind.
struct ProblemDetails {
  std::string_view detail = {};
  const strategies::EventNumbers* event = nullptr;  ///< sold_out: as of the read that decided it
  std::span<const FieldError> errors = {};          ///< validation_failed
};

/// Makes `reply` this problem; headers that it had already (X-Transaction-Attempts) stay. Adds
/// Retry-After to a 503 and WWW-Authenticate to a 401.
void write_problem(Reply& reply, ProblemCode code, std::string_view request_id,
                   const ProblemDetails& details = {});

}  // namespace boxoffice::server
