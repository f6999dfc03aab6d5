// What became of the requests: by route and status, how long each took, which problems were
// answered, how reservation attempts ended.
//
// A route is its place in the table of routes.cpp, a status and a problem are small numbers: every
// cell exists from the start and is found by an index. What no route matched (404, 405, bytes that
// are no HTTP) is counted under one row of its own, or each scanner would add time series.
#pragma once

#include <optional>
#include <vector>

#include "server/counters.hpp"
#include "server/problem.hpp"
#include "server/reserve_times.hpp"
#include "server/routes.hpp"

namespace boxoffice::server {

class RequestCounts {
 public:
  static constexpr std::size_t k_statuses = 600;
  struct OfRoute {
    std::array<Counter, k_statuses> by_status;
    LatencyHistogram latency;
  };

  RequestCounts();

  /// No route: nullptr. No problem: the request succeeded.
  void count(const Route* route, int status, std::optional<ProblemCode> problem, Clock::duration);
  void count_attempt(std::optional<ProblemCode> outcome, bool made_a_hold);
  /// A reserve whose reply is that of an earlier one, which was counted as an attempt.
  void count_replay() { replays_.add(); }
  ReserveTimes& reserve_times() { return reserve_times_; }
  ReserveTraffic& reserve_traffic() { return reserve_traffic_; }

  /// In the order of routes(); the last one is of no route.
  const std::vector<OfRoute>& routes() const { return routes_; }
  /// In the order of problem_kinds().
  const std::vector<Counter>& problems() const { return problems_; }
  /// How reservation attempts ended: in the order of problem_kinds(), then success.
  const std::vector<Counter>& attempts() const { return attempts_; }
  /// Of the successes: those that made a hold; the others had one already.
  const Counter& holds_made() const { return holds_made_; }
  const Counter& replays() const { return replays_; }
  const ReserveTimes& reserve_times() const { return reserve_times_; }
  const ReserveTraffic& reserve_traffic() const { return reserve_traffic_; }

 private:
  std::vector<OfRoute> routes_;
  std::vector<Counter> problems_;
  std::vector<Counter> attempts_;
  Counter holds_made_;
  Counter replays_;
  ReserveTimes reserve_times_;
  ReserveTraffic reserve_traffic_;
};

}  // namespace boxoffice::server
