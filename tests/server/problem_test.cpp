#include "server/problem.hpp"

#include <gtest/gtest.h>

namespace boxoffice::server {
namespace {

namespace s = strategies;

TEST(Problem, RefusalsHaveTheDomainsCodes) {
  using enum s::RefusalCode;
  const std::pair<s::RefusalCode, int> statuses[] = {
      {event_not_found, 404},        {sold_out, 409},
      {reservation_not_found, 404},  {reservation_expired, 410},
      {already_purchased, 409},      {already_cancelled, 409},
      {not_cancellable, 409},        {email_taken, 422},
      {token_not_found, 404},        {capacity_below_committed, 409},
      {event_has_reservations, 409}, {precondition_failed, 412}};
  static_assert(std::size(statuses) == static_cast<std::size_t>(precondition_failed) + 1);
  for (const auto& [refusal, status] : statuses) {
    const auto& kind = kind_of(problem_of(refusal));
    EXPECT_EQ(kind.code, s::to_string(refusal));
    EXPECT_EQ(kind.status, status) << kind.code;
  }
}

TEST(Problem, FailuresAre503AndSayWhenToComeAgain) {
  using enum s::FailureCode;
  for (const auto failure :
       {database_unavailable, no_space, lock_timeout, retries_exhausted, commit_unknown}) {
    Reply reply;
    write_problem(reply, problem_of(failure), "id");
    EXPECT_EQ(reply.status, 503);
    EXPECT_EQ(reply.headers, "Retry-After: 1\r\n");
    EXPECT_NE(reply.body.find('"' + std::string(s::to_string(failure)) + '"'), std::string::npos);
  }
  EXPECT_EQ(kind_of(problem_of(s::FailureCode::internal)).status, 500);
}

TEST(Problem, PromisesNoEffectExceptWhereItCannotKnow) {
  for (const ProblemKind& kind : problem_kinds()) {
    Reply reply;
    write_problem(reply, kind.id, "id");
    const bool promises = reply.body.find(R"("effect":"none")") != std::string::npos;
    const bool unknown =
        kind.id == ProblemCode::commit_unknown || kind.id == ProblemCode::internal_error;
    EXPECT_NE(promises, unknown) << kind.code;
  }
}

TEST(Problem, TheWholeDocument) {
  Reply reply;
  reply.header("X-Transaction-Attempts", 2);
  const s::EventNumbers event{{3}, 0, {100}};
  write_problem(reply, ProblemCode::sold_out, "an-id", {.event = &event});
  EXPECT_EQ(reply.status, 409);
  EXPECT_EQ(reply.content_type, "application/problem+json");
  EXPECT_EQ(reply.headers, "X-Transaction-Attempts: 2\r\n");
  EXPECT_EQ(
      reply.body,
      R"({"type":"urn:boxoffice:problem:sold_out","title":"Sold out","status":409,"code":"sold_out",)"
      R"("detail":"Fewer tickets are left than asked for.","request_id":"an-id","effect":"none",)"
      R"("event":{"id":3,"available_tickets":0,"version":100}})");
}

TEST(Problem, FieldErrorsAreLists) {
  Reply reply;
  const FieldError errors[] = {{"quantity", "is too small"}, {"x\"", "is not known"}};
  write_problem(reply, ProblemCode::validation_failed, "id", {.errors = errors});
  EXPECT_NE(reply.body.find(R"("errors":{"quantity":["is too small"],"x\"":["is not known"]}})"),
            std::string::npos)
      << reply.body;
}

TEST(Problem, AChallengeGoesWith401) {
  Reply reply;
  write_problem(reply, ProblemCode::unauthenticated, "id");
  EXPECT_EQ(reply.headers, "WWW-Authenticate: Bearer\r\n");
}

}  // namespace
}  // namespace boxoffice::server
