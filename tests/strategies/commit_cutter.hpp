// A TCP proxy before the database that breaks the connection around one COMMIT: before the server
// saw it, or after the server carried it out but before the client heard so (pitfall P9).
#pragma once

#include <atomic>
#include <thread>
#include <vector>

namespace boxoffice::tests {

class CommitCutter {
 public:
  enum class Cut {
    none,
    before,  ///< the server never sees the COMMIT
    within,  ///< the server answers, of which the client gets the first bytes
    after    ///< the server answers, of which the client gets nothing
  };

  explicit CommitCutter(int server_port);
  ~CommitCutter();

  int port() const { return port_; }
  /// The next COMMIT is cut this way; then none is.
  void arm(Cut cut) { armed_ = cut; }
  bool cut_happened() const { return happened_; }

 private:
  void accept_loop();
  void forward(int client);

  int listener_ = -1;
  int port_ = 0;
  int server_port_;
  std::atomic<Cut> armed_ = Cut::none;
  std::atomic<bool> happened_ = false;
  std::atomic<bool> stop_ = false;
  std::vector<std::jthread> sessions_;
  std::jthread acceptor_;
};

}  // namespace boxoffice::tests
