// Who may pass: whose call it is, what that one may do, and how often. See application.hpp; how a
// call finds its way is in application.cpp.
#include "server/application.hpp"
#include "server/routes.hpp"

namespace boxoffice::server {

void Application::admit(Call& call, Authentication outcome) {
  if (is_admitted(call, outcome)) {
    dispatch(call);
  } else {
    call.resume();
  }
}

/// Says in the reply how many more there may be; false where this one is too many.
bool Application::is_within(Call& call, const Allowance& allowance) {
  if (allowance.limit == 0) return true;
  call.reply.header("X-RateLimit-Limit", allowance.limit);
  call.reply.header("X-RateLimit-Remaining", allowance.remaining);
  if (!allowance.allowed) call.refuse_for_rate(allowance);
  return allowance.allowed;
}

/// On a route for anyone a user is counted as on all others, where the token is remembered: nothing
/// is asked of the database for it. A login or a registration is nobody's yet.
Allowance Application::take_for_anyone(const Call& call) {
  const auto credential =
      call.request.method == Method::post ? std::nullopt : parse_bearer(call.request.authorization);
  const auto user = credential ? tokens_.last_user(*credential) : std::nullopt;
  return user ? limits_.take_user(*user, call.arrived)
              : limits_.take_address(call.client, call.arrived);
}

/// What is not admitted gets its problem in place of what the handler may have said.
bool Application::is_admitted(Call& call, Authentication outcome) {
  const auto now = Clock::now();
  if (const auto problem = refusal_of(call, outcome)) {
    call.reply.clear();
    if (*problem == ProblemCode::unauthenticated) {  // guessing is counted like asking without
      const auto client = limits_.client_of(call.peer, call.request.forwarded_for);
      if (!is_within(call, limits_.take_address(client, now))) return false;
    } else if (*problem == ProblemCode::forbidden) {  // so is what one may not do
      if (!is_within(call, limits_.take_user(call.requester.user, now))) return false;
    }
    call.fail(*problem);
    return false;
  }
  const auto allowance = limits_.take_user(call.requester.user, now);
  if (!allowance.allowed) call.reply.clear();
  return is_within(call, allowance);
}

std::optional<ProblemCode> Application::refusal_of(Call& call, Authentication outcome) {
  switch (outcome) {
    case Authentication::known: {
      const Route& route = *call.route_;
      const bool may = route.who != Who::administrator || call.requester.admin;
      if (may && call.requester.abilities.has(route.ability)) return std::nullopt;
      return ProblemCode::forbidden;
    }
    case Authentication::unknown:
      return ProblemCode::unauthenticated;
    case Authentication::overloaded:
      return ProblemCode::overloaded;
    case Authentication::shutting_down:
      return ProblemCode::shutting_down;
    case Authentication::failed: {
      if (call.failure == strategies::FailureCode::database_unavailable) health_.doubt();
      return problem_of(call.failure);
    }
  }
  return ProblemCode::internal_error;
}

}  // namespace boxoffice::server
