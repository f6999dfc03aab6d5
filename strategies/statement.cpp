// See statement.hpp.
#include "strategies/statement.hpp"

#include <algorithm>

#include "strategies/database.hpp"
#include "strategies/session.hpp"
#include "strategies/transaction.hpp"

namespace boxoffice::strategies {

Answer execute(Connection& connection, const Statement& statement,
               std::vector<Parameter> parameters) {
  const Call call{statement, std::move(parameters)};
  return std::move(connection.session().execute({&call, 1}).front());
}

namespace {

std::chrono::nanoseconds& span_of(Transaction& transaction, Waits waits) {
  Spans& spans = transaction.connection().statistics().spans;
  return waits == Waits::for_row_lock ? spans.locking : spans.statements;
}

}  // namespace

Answer execute(Transaction& transaction, const Statement& statement,
               std::vector<Parameter> parameters) {
  const SpanTimer timer(span_of(transaction, statement.waits));
  return execute(transaction.connection(), statement, std::move(parameters));
}

std::vector<Answer> execute_all(Transaction& transaction, const std::vector<Call>& calls) {
  const bool may_wait = std::ranges::any_of(
      calls, [](const Call& call) { return call.statement.waits == Waits::for_row_lock; });
  const SpanTimer timer(span_of(transaction, may_wait ? Waits::for_row_lock : Waits::for_nothing));
  return transaction.connection().session().execute(calls);
}

}  // namespace boxoffice::strategies
