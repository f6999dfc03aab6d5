// See poller.hpp. The timer is armed lazily: a deadline that moved back leaves it as it is and
// costs one needless wake-up, which is cheaper than arming it for each request.
#include "harness/load/poller.hpp"

#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "harness/load/clock.hpp"

namespace boxoffice::load {
namespace {

// Small, so that the first of a batch of replies is followed by its next request soon.
constexpr int k_batch = 32;

int checked(int result, const char* what) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), what);
  return result;
}

}  // namespace

Poller::Poller() : armed_ns_(k_never_ns) {
  epoll_fd_ = checked(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
  try {
    timer_fd_ = checked(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK), "timerfd");
    epoll_event event{};
    event.events = EPOLLIN | EPOLLET;  // edge-triggered: it need not be read
    event.data.fd = timer_fd_;
    checked(epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, timer_fd_, &event), "epoll_ctl");
  } catch (...) {
    if (timer_fd_ >= 0) close(timer_fd_);
    close(epoll_fd_);
    throw;
  }
}

Poller::~Poller() {
  close(timer_fd_);
  close(epoll_fd_);
}

void Poller::control(int operation, int fd, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.fd = fd;
  checked(epoll_ctl(epoll_fd_, operation, fd, &event), "epoll_ctl");
}

void Poller::want(int fd, bool readable, bool writable) {
  const auto place = static_cast<std::size_t>(fd);
  if (place >= sockets_.size()) sockets_.resize(place + 64);
  Socket& socket = sockets_[place];
  socket.wanted =
      (readable ? std::uint32_t{EPOLLIN} : 0u) | (writable ? std::uint32_t{EPOLLOUT} : 0u);
  // Resting means registered for reading only; a socket never seen before need not rest.
  const std::uint32_t needed = socket.wanted == 0 ? std::uint32_t{EPOLLIN} : socket.wanted;
  if (socket.registered == needed || (socket.wanted == 0 && socket.registered == 0)) return;
  control(socket.registered == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, needed);
  socket.registered = needed;
}

void Poller::forget(int fd) {
  const auto place = static_cast<std::size_t>(fd);
  if (place >= sockets_.size() || sockets_[place].registered == 0) return;
  sockets_[place] = Socket{};
  // Closing would do, were it the only descriptor of the socket: a process that was forked a moment
  // ago holds a second one until it runs its program, and the first one's events would go on.
  epoll_ctl(epoll_fd_, EPOLL_CTL_DEL, fd, nullptr);
}

void Poller::arm(std::int64_t deadline_ns) {
  if (deadline_ns >= armed_ns_) return;
  itimerspec time{};
  const std::int64_t at_ns = deadline_ns < 1 ? 1 : deadline_ns;  // zero would disarm it
  time.it_value.tv_sec = at_ns / 1'000'000'000;
  time.it_value.tv_nsec = at_ns % 1'000'000'000;
  checked(timerfd_settime(timer_fd_, TFD_TIMER_ABSTIME, &time, nullptr), "timerfd_settime");
  armed_ns_ = deadline_ns;
}

const std::vector<Poller::Ready>& Poller::wait(std::int64_t deadline_ns) {
  ready_.clear();
  const bool blocking = deadline_ns > now_ns();
  if (blocking) arm(deadline_ns);
  epoll_event events[k_batch];
  const int count = epoll_wait(epoll_fd_, events, k_batch, blocking ? -1 : 0);
  if (count < 0 && errno != EINTR) checked(count, "epoll_wait");
  for (int i = 0; i < count; ++i) {
    const int fd = events[i].data.fd;
    if (fd == timer_fd_) {
      armed_ns_ = k_never_ns;
      continue;
    }
    Socket& socket = sockets_[static_cast<std::size_t>(fd)];
    if (socket.wanted == 0) {
      control(EPOLL_CTL_DEL, fd, 0);
      socket.registered = 0;
      continue;
    }
    const std::uint32_t what = events[i].events;
    ready_.push_back(
        {fd, (what & EPOLLIN) != 0, (what & EPOLLOUT) != 0, (what & (EPOLLERR | EPOLLHUP)) != 0});
  }
  return ready_;
}

}  // namespace boxoffice::load
