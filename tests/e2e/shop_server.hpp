// A ticket server that shares nothing with ours: seats in memory behind a mutex, no version, other
// paths, methods, headers, nesting and statuses (the API that docs/adapters.md maps as its
// example). It keeps no idempotency and lets a user hold as many orders as there are seats.
//
// Its bug, where it is asked for: an order reads how many seats are left, lets go of the lock, and
// writes back what it computed from that: the update of another one in between is lost. It waits
// until there is another one, so that the bug does not depend on the machine's timing.
#pragma once

#include <boost/json.hpp>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>

#include "tests/harness/load/scripted_server.hpp"

namespace boxoffice::tests {

class ShopServer {
 public:
  enum class Bug { none, lost_update };
  /// `both`: an order's number is a text in its reserve's reply, a number when it is released.
  enum class Ids { numbers, texts, both };

  /// Show 7 ("hall-a" as a text), with so many seats. User n has the key "key-n".
  ShopServer(std::int64_t seats, Bug bug, Ids ids = Ids::numbers);

  std::string target() const { return server_.target(); }
  /// What the adapter should never have sent, each with its reason.
  std::set<std::string> surprises();
  std::int64_t orders();

 private:
  struct Order {
    std::int64_t owner = 0;
    std::int64_t seats = 0;
    std::string state = "HELD";
  };

  std::string answer(const load::ReceivedRequest& request);
  std::string reserve(const load::ReceivedRequest& request, std::int64_t user);
  std::string purchase(const load::ReceivedRequest& request, Order& order);
  std::string release(std::int64_t number, Order& order);
  /// As JSON.
  std::string written(std::int64_t number) const;
  std::string refuse(int status, const std::string& kind);
  std::string surprised(const load::ReceivedRequest& request, const std::string& why);
  /// The seats that are left once `seats` are taken; nothing is taken where that is negative.
  std::int64_t take(std::int64_t seats);

  const std::int64_t seats_;
  const Bug bug_;
  const Ids ids_;
  const std::string show_;  // its path
  std::mutex mutex_;        // guards what follows
  std::condition_variable ordered_;
  std::int64_t left_;
  std::uint64_t begun_ = 0;  // orders that were begun
  std::map<std::int64_t, Order> orders_;
  std::set<std::string> surprises_;
  load::ScriptedServer server_;  // last: its threads end first
};

}  // namespace boxoffice::tests
