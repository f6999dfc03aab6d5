// What each logical client does next.
//
// A connection is one logical client (a process of the history): sequential, acting as one user at
// a time, remembering the holds it won. Operation, event, quantity, hold and request id of its k-th
// request are drawn from (seed, connection, k) alone; which hold that names depends on what the
// server granted. Users are dealt out to connections, so that no two act as the same user.
#pragma once

#include <atomic>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "harness/load/outcome.hpp"
#include "harness/load/plan.hpp"
#include "properties/history.hpp"

namespace boxoffice::load {

struct Operation {
  properties::Function f = properties::Function::read;
  std::size_t event = 0;  ///< place in the plan's events (reserve, read)
  std::int64_t event_id = 0;
  std::size_t user = 0;             ///< place in the plan's users; unused for reads
  std::int64_t reservation_id = 0;  ///< purchase, cancel
  std::int64_t quantity = 0;        ///< reserve
  std::string request_id;           ///< empty for reads
  bool repeated = false;            ///< a reserve that was sent before
};

/// Draws an event's place by the plan's skew.
class EventChoice {
 public:
  EventChoice(const Skew& skew, std::size_t events);
  /// `unit` is uniform in [0, 1).
  std::size_t pick(double unit) const;

 private:
  std::vector<double> cumulative_;  // empty: uniform
  std::size_t events_;
};

class Traffic {
 public:
  /// For the connections first, first + stride, ... of the plan (a thread's share). `next_process`
  /// is shared by all threads and must start at the plan's number of connections.
  Traffic(const LoadPlan& plan, std::size_t first, std::size_t stride,
          std::atomic<std::int64_t>& next_process);

  /// The next operation of the thread's i-th connection. The reference holds until the next call
  /// for the same connection.
  const Operation& next(std::size_t connection);

  /// What became of it. After `info` the client goes on as a new process with a new user: the
  /// operation may still be under way.
  void finished(std::size_t connection, properties::EntryType type, const properties::Output& out);

  std::int64_t process(std::size_t connection) const { return clients_[connection].process; }

  /// How many of its users a connection has acted as, at most: of the plan's users those beyond
  /// rounds x connections have not been used.
  std::size_t user_rounds() const;

  /// UserChoice::leave: all users of that connection have had their answer.
  bool all_left(std::size_t connection) const;

 private:
  struct Hold {
    std::int64_t reservation_id;
    std::int64_t event_id;
    std::size_t user;
  };
  struct Client {
    std::size_t number = 0;  // of the connection, in the whole run
    std::int64_t process = 0;
    std::uint64_t decisions = 0;
    std::size_t user_turns = 0;  // how often it moved on to another user
    std::uint64_t purchases = 0;
    std::uint64_t purchases_max = std::numeric_limits<std::uint64_t>::max();
    std::vector<Hold> holds;
    Operation current;
    std::optional<Operation> last_reserve;  // that made or found a hold, or was lost
  };
  enum class Choice { reserve, purchase, cancel, read, stranger, repeat };

  Choice choose(double unit, const Client& client) const;
  void close(Operation& operation, Choice choice, const Hold& hold, std::uint64_t draw) const;
  void finished_reserve(Client& client, properties::EntryType type,
                        const properties::Output& out) const;
  std::size_t user_of(const Client& client) const;
  std::size_t users_of(const Client& client) const;
  void forget_holds_of(Client& client, std::size_t user) const;

  const LoadPlan& plan_;
  EventChoice events_;
  std::atomic<std::int64_t>& next_process_;
  bool keeps_holds_;
  std::vector<Client> clients_;
};

}  // namespace boxoffice::load
