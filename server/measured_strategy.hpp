// A strategy that counts what the one inside it does: how long each operation's transaction took,
// how many tries it needed, why tries failed, and how many holds expired.
//
// Every way to a transaction goes through it (requests, the sweep, a reserve that empties its own
// event first), so nothing is missed and no strategy knows of metrics. A transaction's time runs
// from its first BEGIN to its end, with the tries in between and the pauses before them: it is the
// time for which the caller had the connection.
#pragma once

#include <memory>

#include "server/counters.hpp"
#include "strategies/strategy.hpp"

namespace boxoffice::server {

enum class Operation { reserve, purchase, cancel, release };
inline constexpr std::array<std::string_view, 4> k_operations{"reserve", "purchase", "cancel",
                                                              "release"};

/// How a try failed, as strategies/classify words it; the last one stands for all others.
inline constexpr std::array<std::string_view, 18> k_failure_codes{
    "conflict",  "deadlock", "connection_lost",
    "read_only", "no_space", "55P03",
    "57014",     "23505",    "23514",
    "1205",      "3572",     "1317",
    "1969",      "3024",     "1062",
    "3819",      "4025",     "other"};

struct TransactionCounts {
  struct OfOperation {
    LatencyHistogram duration;
    Counter attempts;
    std::array<Counter, k_failure_codes.size()> failed_attempts;
  };
  std::array<OfOperation, k_operations.size()> operations;
  Counter expired_reservations;
  Counter expired_tickets;
};

class MeasuredStrategy final : public strategies::Strategy {
 public:
  explicit MeasuredStrategy(std::unique_ptr<strategies::Strategy> inner)
      : inner_(std::move(inner)) {}
  const TransactionCounts& counts() const { return counts_; }

  std::string_view name() const override { return inner_->name(); }
  strategies::Result<strategies::ReserveReply> reserve(
      strategies::Connection&, const strategies::ReserveCommand&) const override;
  strategies::Result<strategies::PurchaseReply> purchase(
      strategies::Connection&, const strategies::PurchaseCommand&) const override;
  strategies::Result<strategies::CancelReply> cancel(
      strategies::Connection&, const strategies::CancelCommand&) const override;
  strategies::Result<strategies::ReleaseReply> release_expired(strategies::Connection&,
                                                               strategies::EventId) const override;

 private:
  const std::unique_ptr<strategies::Strategy> inner_;
  mutable TransactionCounts counts_;
};

}  // namespace boxoffice::server
