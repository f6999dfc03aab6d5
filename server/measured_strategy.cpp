// See measured_strategy.hpp.
#include "server/measured_strategy.hpp"

#include <algorithm>

#include "strategies/database.hpp"

namespace boxoffice::server {
namespace {

namespace s = strategies;
using std::chrono::steady_clock;

std::size_t index_of(std::string_view code) {
  const auto* const found = std::ranges::find(k_failure_codes, code);
  return std::min<std::size_t>(static_cast<std::size_t>(found - k_failure_codes.begin()),
                               k_failure_codes.size() - 1);
}

/// Counts at its end, also where the transaction ended with an exception.
class Measured {
 public:
  Measured(TransactionCounts& counts, Operation operation, s::Connection& connection)
      : counts_(counts.operations[static_cast<std::size_t>(operation)]), connection_(connection) {
    connection_.statistics() = {};
  }
  Measured(const Measured&) = delete;
  Measured& operator=(const Measured&) = delete;
  ~Measured() {
    counts_.duration.observe(steady_clock::now() - begin_);
    const auto& statistics = connection_.statistics();
    counts_.attempts.add(statistics.attempts);
    for (const auto& [code, tries] : statistics.retries_by_code) {
      counts_.failed_attempts[index_of(code)].add(tries);
    }
  }

 private:
  TransactionCounts::OfOperation& counts_;
  s::Connection& connection_;
  const steady_clock::time_point begin_ = steady_clock::now();
};

}  // namespace

s::Result<s::ReserveReply> MeasuredStrategy::reserve(s::Connection& connection,
                                                     const s::ReserveCommand& command) const {
  const Measured measured(counts_, Operation::reserve, connection);
  return inner_->reserve(connection, command);
}

s::Result<s::PurchaseReply> MeasuredStrategy::purchase(s::Connection& connection,
                                                       const s::PurchaseCommand& command) const {
  const Measured measured(counts_, Operation::purchase, connection);
  return inner_->purchase(connection, command);
}

s::Result<s::CancelReply> MeasuredStrategy::cancel(s::Connection& connection,
                                                   const s::CancelCommand& command) const {
  const Measured measured(counts_, Operation::cancel, connection);
  return inner_->cancel(connection, command);
}

s::Result<s::ReleaseReply> MeasuredStrategy::release_expired(s::Connection& connection,
                                                             s::EventId event) const {
  const Measured measured(counts_, Operation::release, connection);
  auto result = inner_->release_expired(connection, event);
  if (result.has_value()) {
    counts_.expired_reservations.add(result->reservations);
    counts_.expired_tickets.add(result->tickets);
  }
  return result;
}

}  // namespace boxoffice::server
