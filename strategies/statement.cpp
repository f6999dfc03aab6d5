// See statement.hpp.
#include "strategies/statement.hpp"

#include "strategies/database.hpp"
#include "strategies/session.hpp"
#include "strategies/transaction.hpp"

namespace boxoffice::strategies {

Answer execute(Connection& connection, const Statement& statement,
               std::vector<Parameter> parameters) {
  const Call call{statement, std::move(parameters)};
  return std::move(connection.session().execute({&call, 1}).front());
}

Answer execute(Transaction& transaction, const Statement& statement,
               std::vector<Parameter> parameters) {
  return execute(transaction.connection(), statement, std::move(parameters));
}

std::vector<Answer> execute_all(Transaction& transaction, const std::vector<Call>& calls) {
  return transaction.connection().session().execute(calls);
}

}  // namespace boxoffice::strategies
