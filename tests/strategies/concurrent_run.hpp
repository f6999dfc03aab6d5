// Runs a plan once: its threads against a strategy and a real database, from behind a barrier, on
// an event of its own; what they saw is recorded, what the rows say is read, and the oracle judges.
//
// Connections and users are kept from one run to the next, so that a run takes some milliseconds.
#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "harness/database/sql.hpp"
#include "properties/verdict.hpp"
#include "strategies/database.hpp"
#include "strategies/strategy.hpp"
#include "tests/strategies/concurrent_plan.hpp"

namespace boxoffice::tests {

/// What one run left, for the judge and for whoever reads it.
struct PlanRun {
  properties::History history;
  properties::Audit audit;
  properties::Verdict verdict;
};

/// The first violation of one of these invariants, of any where none is given; null: there is none.
const properties::Violation* violation_in(const properties::Verdict& verdict,
                                          const std::vector<std::string>& invariants);

/// A migrated database, and the ways to it.
struct PlanGround {
  strategies::Database database;
  harness::Sql& sql;  ///< an administrator's session
  int port;           ///< of its server, on this machine
  /// The same database where its server is reached at another port.
  std::function<strategies::Database(int)> at_port;
};

struct Seat;
struct LossyWay;

class PlanRunner {
 public:
  /// `strategy` is one that the registry knows; each server of a plan is an instance of its own.
  PlanRunner(std::string_view strategy, PlanGround ground);
  ~PlanRunner();

  PlanRun run(const ConcurrentPlan& plan);
  std::int64_t runs() const { return runs_; }
  /// Of these, those that the oracle passed: one that it could not judge proves nothing.
  std::int64_t passed() const { return passed_; }
  /// Those of whose plan nothing could be seen: small plans without a reserve that succeeds.
  std::int64_t empty() const { return empty_; }

 private:
  strategies::EventId add_event(std::int64_t tickets);
  Seat add_seat();
  LossyWay add_lossy_way();

  PlanGround ground_;
  std::vector<std::unique_ptr<strategies::Strategy>> servers_;
  std::vector<Seat> seats_;
  std::int64_t requests_ = 0;  // so many request ids were given out
  std::int64_t runs_ = 0;
  std::int64_t passed_ = 0;
  std::int64_t empty_ = 0;
};

/// One line an operation, in the order of their calls.
std::string text_of(const properties::History& history);

}  // namespace boxoffice::tests
