// One thread of a plan: its calls, each made of a strategy and recorded as two entries of a
// history.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "harness/faults/proxy.hpp"
#include "properties/history.hpp"
#include "strategies/database.hpp"
#include "strategies/strategy.hpp"
#include "tests/strategies/concurrent_plan.hpp"

namespace boxoffice::tests {

inline constexpr std::int64_t k_threads_max = 100;  ///< processes n, n + 100, ... are thread n's

/// The way of a seat to the database on which the answer to a COMMIT can be lost.
struct LossyWay {
  std::unique_ptr<harness::Proxy> proxy;
  harness::Wire wire;
  std::unique_ptr<strategies::Connection> connection;  // goes first
};

/// A seat of a thread: connections and a user of its own.
struct Seat {
  std::unique_ptr<strategies::Connection> connection;
  strategies::UserId user;
  std::optional<LossyWay> lossy = {};  ///< there once a plan loses a COMMIT
};

/// What the threads of one run share.
class Stage {
 public:
  strategies::EventId event;
  std::chrono::milliseconds hold;
  std::int64_t first_request;

  std::string new_request_id();
  void made(strategies::ReservationId id);
  /// The number-th that was made, counted from 0.
  std::optional<strategies::ReservationId> hold_number(std::size_t number);
  void outlast_all();
  std::int64_t requests() const { return next_request_; }

  Stage(strategies::EventId of, std::chrono::milliseconds length, std::int64_t first)
      : event(of), hold(length), first_request(first) {}

 private:
  std::atomic<std::int64_t> next_request_ = 0;
  std::mutex mutex_;  // guards the rest
  std::vector<strategies::ReservationId> holds_;
  std::chrono::steady_clock::time_point last_made_{};  // at the latest
};

class Caller {
 public:
  /// `server` is the strategy that it calls.
  Caller(const strategies::Strategy& server, Stage& stage, Seat& seat, std::int64_t process)
      : server_(server), stage_(stage), seat_(seat), process_(process) {}

  void run(const std::vector<PlannedCall>& calls);
  const std::vector<properties::Entry>& entries() const { return entries_; }

 private:
  void make(const PlannedCall& call, strategies::Connection& connection);
  void make_losing_commit(const PlannedCall& call);
  std::optional<strategies::ReservationId> hold_of(const PlannedCall& call) const;
  void sweep(strategies::Connection& connection);
  void reserve(const strategies::ReserveCommand& command, strategies::Connection& connection);
  void purchase(strategies::ReservationId id, strategies::Connection& connection);
  void cancel(strategies::ReservationId id, strategies::Connection& connection);
  properties::Entry begin(properties::Function f, std::int64_t quantity,
                          strategies::ReservationId id, const std::string& request_id);
  template <class Call, class OnReply>
  void record(properties::Entry entry, Call call, OnReply on_reply);

  const strategies::Strategy& server_;
  Stage& stage_;
  Seat& seat_;
  std::int64_t process_;
  std::vector<strategies::ReserveCommand> reserves_;
  std::vector<strategies::ReservationId> holds_;
  std::vector<properties::Entry> entries_;
};

}  // namespace boxoffice::tests
