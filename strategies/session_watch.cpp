// See session_watch.hpp. A wait that ends just as it is found overdue may cost the session's next
// statement its connection, which heals like every other.
#include "strategies/session_watch.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace boxoffice::strategies {

namespace {

// Added to the bound at most; short against every bound that there is.
constexpr std::chrono::milliseconds k_look_interval{100};
// A new connection to a server that is there takes less.
constexpr std::chrono::milliseconds k_doubt_max{500};

int duplicate(int socket) {
  const int copy = fcntl(socket, F_DUPFD_CLOEXEC, 0);
  if (copy < 0) throw std::system_error(errno, std::generic_category(), "a session's socket");
  return copy;
}

}  // namespace

SessionWatch::~SessionWatch() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void SessionWatch::add(WatchedSocket& socket) {
  const std::lock_guard lock(mutex_);
  sockets_.insert(&socket);
  if (socket.silence_max_.count() > 0 && !thread_.joinable())
    thread_ = std::thread([this] { watch(); });
}

void SessionWatch::remove(WatchedSocket& socket) {
  const std::lock_guard lock(mutex_);
  sockets_.erase(&socket);
}

void SessionWatch::cut_all() {
  const std::lock_guard lock(mutex_);
  for (WatchedSocket* socket : sockets_) socket->shut();
}

void SessionWatch::believe(Belief belief) {
  {
    const std::lock_guard lock(mutex_);
    belief_ = belief;
  }
  decided_.notify_all();
}

bool SessionWatch::seems_away() {
  if (belief_ == Belief::here) return false;
  std::unique_lock lock(mutex_);
  decided_.wait_for(lock, k_doubt_max, [this] { return belief_ != Belief::in_doubt; });
  return belief_ != Belief::here;
}

void SessionWatch::watch() {
  std::unique_lock lock(mutex_);
  while (!stop_.wait_for(lock, k_look_interval, [this] { return stopping_; })) {
    const auto now = WatchedSocket::Clock::now();
    for (WatchedSocket* socket : sockets_) {
      if (socket->is_overdue(now)) socket->shut();
    }
  }
}

WatchedSocket::WatchedSocket(std::shared_ptr<SessionWatch> watch, int socket,
                             std::chrono::milliseconds silence_max)
    : watch_(std::move(watch)), socket_(duplicate(socket)), silence_max_(silence_max) {
  watch_->add(*this);
}

WatchedSocket::~WatchedSocket() {
  watch_->remove(*this);
  close(socket_);
}

bool WatchedSocket::is_overdue(Clock::time_point now) const {
  const auto since = since_.load(std::memory_order_relaxed);
  return silence_max_.count() > 0 && since != k_no_wait && now - since > silence_max_;
}

void WatchedSocket::shut() {
  ::shutdown(socket_, SHUT_RDWR);
  end_wait();
}

}  // namespace boxoffice::strategies
