// Which tokens were used lately: writes that no reply waits for.
//
// What was used is gathered in a set of bounded size and written now and then, a statement for a
// thousand, on a thread and a connection of its own. Where the database is away or the set is full
// a use is forgotten: last_used_at is for people who clean up, and sales come first.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>
#include <unordered_set>
#include <vector>

#include "server/executor.hpp"
#include "server/units.hpp"
#include "strategies/types.hpp"

namespace boxoffice::server {

class TokenUses {
 public:
  /// Throws Failure where the database is away.
  using Write = std::function<void(const std::vector<strategies::TokenId>&)>;

  /// `interval` 0: nothing is noted.
  TokenUses(Duration interval, Write write, std::size_t most = 100'000);
  ~TokenUses() { stop(); }

  void start();
  /// Any thread.
  void note(strategies::TokenId id);
  /// Writes what is there, and joins. Again: does nothing.
  void stop();

 private:
  void work();
  void write_all();

  const Duration interval_;
  const Write write_;
  const std::size_t most_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::unordered_set<std::int64_t> used_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace boxoffice::server
