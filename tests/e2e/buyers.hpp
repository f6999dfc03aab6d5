// Load that remembers what it was told: each buyer reserves and cancels in turn, at one connection,
// and every id that a reply acknowledged is kept, for the database must know it.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "harness/database/sql.hpp"

namespace boxoffice::tests {

class Buyers {
 public:
  static constexpr std::size_t k_buyers = 8;

  /// Buyer i has tokens[i + 1]; they start at once, and go on until stop() or until the server is
  /// gone.
  Buyers(std::uint16_t port, std::int64_t event, const std::vector<std::string>& tokens);
  ~Buyers();

  /// Waits until so many reservations were acknowledged; false after 20 s.
  bool wait_for(std::size_t acknowledged);
  /// Ends them; the ids of all reservations that a 201 named.
  std::vector<std::int64_t> stop();
  /// Requests that may or may not have happened: without a reply, or with a balancer's 502 or 504.
  std::size_t indeterminate();
  /// Other replies that are neither success nor a 503 that says why, as "status body".
  std::set<std::string> surprises();
  /// How many replies were a 503 that says why.
  std::size_t refusals();
  /// How many of these had this `code`.
  std::size_t count_of(const std::string& code);

 private:
  void buy(std::uint16_t port, std::int64_t event, const std::string& token);
  void buy_until_stopped(std::uint16_t port, std::int64_t event, const std::string& token);

  std::atomic<bool> stopping_ = false;
  std::mutex mutex_;
  std::vector<std::int64_t> acknowledged_;
  std::multiset<std::string> codes_;
  std::size_t indeterminate_ = 0;
  std::set<std::string> surprises_;
  std::vector<std::thread> threads_;
};

/// Ids that were acknowledged and are not in the database.
std::set<std::int64_t> lost(harness::Sql& sql, const std::vector<std::int64_t>& acknowledged);

}  // namespace boxoffice::tests
