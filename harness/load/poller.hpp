// Waits for sockets and for a time: epoll with a timer fd beside the sockets.
//
// A socket that libcurl loses interest in (its reply is complete) is needed again a moment later.
// So it stays registered for reading, and only a socket that becomes readable while nobody wants it
// (the server closed it) is taken out. That saves two system calls a request.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

namespace boxoffice::load {

class Poller {
 public:
  struct Ready {
    int fd;
    bool readable;
    bool writable;
    bool failed;
  };

  /// Throws std::system_error where the kernel has no descriptor left.
  Poller();
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  /// What is wanted of a socket from now on; neither: it rests.
  void want(int fd, bool readable, bool writable);

  /// The socket is about to be closed.
  void forget(int fd);

  /// Returns the sockets that are ready, at the latest at `deadline_ns` (then possibly none; also
  /// none after a signal). Valid until the next call.
  const std::vector<Ready>& wait(std::int64_t deadline_ns);

 private:
  void control(int operation, int fd, std::uint32_t events);
  void arm(std::int64_t deadline_ns);

  struct Socket {
    std::uint32_t registered = 0;
    std::uint32_t wanted = 0;
  };

  int epoll_fd_ = -1;
  int timer_fd_ = -1;
  std::int64_t armed_ns_;
  std::vector<Socket> sockets_;  // by descriptor
  std::vector<Ready> ready_;
};

}  // namespace boxoffice::load
