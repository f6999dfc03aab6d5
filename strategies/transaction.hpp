// A transaction, and the retry of whole transactions: the one place that catches database errors.
//
// transact() runs a strategy's body in a new transaction, again from BEGIN where it met a conflict,
// a deadlock or a lock timeout (bounded, with jitter). Where the connection broke during COMMIT
// nobody knows what happened: it then asks, on a new connection, through the `recover` that the
// strategy gave, and never repeats blindly (pitfall P9).
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>

#include "strategies/database.hpp"
#include "strategies/statement.hpp"
#include "strategies/strategy.hpp"

namespace odb {
class transaction;
}

namespace boxoffice::strategies {

/// When COMMIT was sent; nothing where it was not.
using CommittingSince = std::optional<SpanTimer::Clock::time_point>;

/// Thrown by a body that lost a race (a version moved on): the whole transaction runs again.
class Conflict : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// BEGIN at construction (on PostgreSQL it travels with the first statement); ROLLBACK at
/// destruction unless committed.
class Transaction {
 public:
  explicit Transaction(Connection& connection);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  void commit();
  /// Runs the calls and commits, in one round trip where the engine can.
  std::vector<Answer> commit_after(const std::vector<Call>& calls);
  /// Sends BEGIN where it still waits for its first statement: for statements through run() or ODB.
  void send_begin();
  /// True from the moment that COMMIT was sent: an error from then on is an unknown outcome.
  bool committing() const { return committing_since_.has_value(); }
  Connection& connection() { return connection_; }

 private:
  Connection& connection_;
  std::unique_ptr<odb::transaction> transaction_;
  CommittingSince committing_since_;
};

/// What recover found: a reply, or nothing, which means that the transaction certainly did not
/// commit.
template <class Reply>
using Recover = std::function<std::optional<Result<Reply>>(Transaction&)>;

namespace detail {
/// Runs the untyped body until it ends; `recover` returns true where it found the answer. See
/// transact().
void run(Connection& connection, const std::function<void(Transaction&)>& body,
         const std::function<bool(Transaction&)>& recover);
}  // namespace detail

/// Runs body(transaction) -> Result<Reply>; the body commits itself where it changed something.
/// `recover` is asked after a lost COMMIT and after a unique violation; it must lock what decides
/// the answer before it looks. Throws Failure.
template <class Reply, class Body>
Result<Reply> transact(Connection& connection, Body body, Recover<Reply> recover) {
  std::optional<Result<Reply>> result;
  detail::run(
      connection, [&](Transaction& transaction) { result.emplace(body(transaction)); },
      [&](Transaction& transaction) {
        auto found = recover(transaction);
        if (found) result.emplace(std::move(*found));
        return found.has_value();
      });
  return std::move(*result);
}

/// Runs body(transaction) -> Reply and commits. It may run again although an earlier run was
/// committed, after a lost COMMIT: what that run did, this one must find done. Throws Failure.
template <class Reply, class Body>
Reply transact_repeatable(Connection& connection, Body body) {
  return transact<Reply>(
             connection,
             [&](Transaction& transaction) -> Result<Reply> {
               Reply reply = body(transaction);
               transaction.commit();
               return reply;
             },
             [](Transaction&) { return std::optional<Result<Reply>>(); })
      .value();
}

}  // namespace boxoffice::strategies
