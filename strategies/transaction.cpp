// See transaction.hpp. Back-off is full jitter: a uniform draw below a bound that doubles with each
// try, so that losers of one race do not meet again. Source: M. Brooker, "Exponential Backoff and
// Jitter", 2015.
#include "strategies/transaction.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <odb/connection.hxx>
#include <odb/transaction.hxx>
#include <random>
#include <thread>

#include "strategies/classify.hpp"
#include "strategies/failure.hpp"
#include "strategies/session.hpp"

namespace boxoffice::strategies {

namespace {

using std::chrono::microseconds;
constexpr microseconds k_backoff_first{500};
constexpr microseconds k_backoff_max{50'000};
constexpr int k_lock_timeouts_max = 2;  // each already waited for the session's lock_timeout
constexpr std::chrono::seconds k_recovery_bound{3};
constexpr std::chrono::milliseconds k_recovery_pause{120};

void back_off(int tries) {
  thread_local std::minstd_rand random{std::random_device{}()};
  microseconds bound = k_backoff_first * (1LL << std::min(tries - 1, 7));
  bound = std::min(bound, k_backoff_max);
  std::uniform_int_distribution<microseconds::rep> draw(0, bound.count());
  std::this_thread::sleep_for(microseconds(draw(random)));
}

struct Ending {
  bool done = false;
  bool committing = false;  // the error came after COMMIT was sent
  DatabaseError error;
};

// One try. The transaction rolls back before the connection is dropped: its destructor needs it.
Ending try_once(Connection& connection, const std::function<void(Transaction&)>& body) {
  Ending ending;
  try {
    std::optional<Transaction> transaction(std::in_place, connection);
    try {
      body(*transaction);
      ending.done = true;
    } catch (...) {
      ending.committing = transaction->committing();
      ending.error = classify_current_exception();
    }
    transaction.reset();
  } catch (const Failure&) {
    throw;
  } catch (...) {  // BEGIN itself failed
    ending.error = classify_current_exception();
  }
  // What is read-only now was the primary: a new session may find the new one.
  const auto kind = ending.error.kind;
  if (kind == ErrorKind::connection_lost || kind == ErrorKind::read_only) connection.drop();
  return ending;
}

// Asks what became of a lost COMMIT, or who was first. Returns whether recover found the answer;
// throws `otherwise` where nobody can be asked, and commit_unknown where recover itself says that
// the answer cannot be known.
bool ask(Connection& connection, const std::function<bool(Transaction&)>& recover,
         FailureCode otherwise) {
  const auto give_up = std::chrono::steady_clock::now() + k_recovery_bound;
  std::string why;
  do {
    try {
      bool found = false;
      const Ending ending = try_once(connection, [&](Transaction& t) { found = recover(t); });
      if (ending.done) return found;
      why = ending.error.what;
    } catch (const Failure& failure) {
      if (failure.code() == FailureCode::commit_unknown) throw;
      why = failure.what();
    }
    std::this_thread::sleep_for(k_recovery_pause);
  } while (std::chrono::steady_clock::now() < give_up);
  throw Failure(otherwise, "asking what became of the transaction failed: " + why);
}

[[noreturn]] void fail(const Ending& ending, int tries) {
  throw Failure(failure_of(ending.error.kind),
                fmt::format("{} (tried {} times)", ending.error.what, tries));
}

bool worth_another_try(const Ending& ending, int tries, int lock_timeouts,
                       const SessionLimits& limits) {
  if (tries >= limits.attempts_max) return false;
  switch (ending.error.kind) {
    case ErrorKind::conflict:
    case ErrorKind::deadlock:
    case ErrorKind::unique_violation:
      return true;
    case ErrorKind::lock_timeout:
      return lock_timeouts < k_lock_timeouts_max;
    case ErrorKind::connection_lost:
    case ErrorKind::read_only:
      return tries == 1;  // a stale connection; the second try opens a new one
    case ErrorKind::statement_timeout:
    case ErrorKind::check_violation:
    case ErrorKind::no_space:
    case ErrorKind::other:
      return false;
  }
  return false;
}

}  // namespace

Transaction::Transaction(Connection& connection) : connection_(connection) {
  const SpanTimer timer(connection.statistics().spans.statements);
  transaction_ = std::make_unique<odb::transaction>(connection.session().begin());
}

Transaction::~Transaction() {
  if (!transaction_ || transaction_->finalized()) return;
  const SpanTimer timer(connection_.statistics().spans.statements);
  try {
    transaction_->rollback();
  } catch (const std::exception&) {  // the connection is gone, and with it the transaction
    connection_.drop();
  }
}

void Transaction::commit() {
  const SpanTimer timer(connection_.statistics().spans.commit);
  committing_since_ = SpanTimer::Clock::now();
  transaction_->commit();
}

std::vector<Answer> Transaction::commit_after(const std::vector<Call>& calls) {
  const auto begin = SpanTimer::Clock::now();
  auto answers = connection_.session().commit_after(*transaction_, calls, committing_since_);
  Spans& spans = connection_.statistics().spans;
  spans.statements += *committing_since_ - begin;
  spans.commit += SpanTimer::Clock::now() - *committing_since_;
  return answers;
}

void Transaction::send_begin() {
  connection_.session().send_begin();
}

namespace detail {

void run(Connection& connection, const std::function<void(Transaction&)>& body,
         const std::function<bool(Transaction&)>& recover) {
  AttemptStatistics& statistics = connection.statistics();
  statistics = {};
  int lock_timeouts = 0;
  for (int tries = 1;; ++tries) {
    ++statistics.attempts;
    const Ending ending = try_once(connection, body);
    if (ending.done) return;
    ++statistics.retries_by_code[ending.error.code];
    if (ending.error.kind == ErrorKind::lock_timeout) ++lock_timeouts;
    const bool lost_commit = ending.committing && ending.error.kind == ErrorKind::connection_lost;
    if (lost_commit && ask(connection, recover, FailureCode::commit_unknown)) return;
    if (ending.error.kind == ErrorKind::unique_violation &&
        ask(connection, recover, FailureCode::database_unavailable)) {
      return;
    }
    if (!worth_another_try(ending, tries, lock_timeouts, connection.limits())) fail(ending, tries);
    const SpanTimer timer(statistics.spans.pauses);
    back_off(tries);
  }
}

}  // namespace detail

}  // namespace boxoffice::strategies
