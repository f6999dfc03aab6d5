// A TCP proxy before the database that breaks the connection around one COMMIT: before the server
// saw it, or after the server carried it out but before the client heard so (pitfall P9). Worse
// than either is a COMMIT on its way: the client knows that it is alone, the server does not yet.
#pragma once

#include <atomic>
#include <string_view>
#include <thread>
#include <vector>

namespace boxoffice::tests {

class CommitCutter {
 public:
  enum class Cut {
    none,
    before,   ///< the server never sees the COMMIT
    within,   ///< the server answers, of which the client gets the first bytes
    after,    ///< the server answers, of which the client gets nothing
    held,     ///< the client is cut off at once, the server gets the COMMIT at let_through()
    for_good  ///< the server never sees the COMMIT, and no connection leads to it any more
  };

  explicit CommitCutter(int server_port);
  ~CommitCutter();

  int port() const { return port_; }
  /// The next COMMIT is cut this way; then none is.
  void arm(Cut cut) { armed_ = cut; }
  bool cut_happened() const { return happened_; }
  /// Sends the COMMIT that is held, or will be.
  void let_through();

 private:
  void accept_loop();
  void forward(int client);
  void finish(int server, std::string_view commit);

  int listener_ = -1;
  int port_ = 0;
  int server_port_;
  std::atomic<Cut> armed_ = Cut::none;
  std::atomic<bool> happened_ = false;
  std::atomic<bool> let_through_ = false;
  std::atomic<bool> gone_ = false;
  std::atomic<bool> stop_ = false;
  std::vector<std::jthread> sessions_;
  std::jthread acceptor_;
};

}  // namespace boxoffice::tests
